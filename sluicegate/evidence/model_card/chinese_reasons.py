"""Why something was not measured, in Chinese, and other short sentences of the evidence.

What is not in the table stays as it is and is marked as the original, rather than be left out.
"""

from __future__ import annotations

import re

_LIVE = "在线版本"
_TABLE = (
    # whatever the area
    (r"it was not measured", "没有测量"),
    (r"nothing is live in any stage", "各阶段均无在线版本"),
    (r"the measurement gave no finite number", "测量没有得到有限的数值"),
    (r"the report of (.+) does not say", "{0} 一步的报告没有说明"),
    (r"fewer than (\d+) (?:test )?rows", "测试样本少于 {0} 条"),
    (r"(\d+) rows, fewer than (\d+)", "只有 {0} 条样本，少于 {1} 条"),
    (r"(\d+) rows have the label, fewer than (\d+)", "只有 {0} 条样本带有该标签，少于 {1} 条"),
    (r"(\d+) rows are given the label, fewer than (\d+)", "只有 {0} 条样本被给出该标签，少于 {1} 条"),
    (r"(.+), so that labels alone tell training rows apart", "{0}，因而仅凭标签就能区分出训练样本"),
    (r"no test row has the label “(.+)”", "没有测试样本带有标签“{0}”"),
    (r"all (?:test )?rows have the same label", "所有样本的真实标签都相同"),
    (r"all (?:test )?rows are given the same label", "所有样本都被给出同一个标签"),
    (r"all test rows are given the same probabilities", "所有测试样本得到的概率都相同"),
    (r"all test rows are given the same label and the same probabilities", "所有测试样本得到的标签和概率都相同"),
    (r"(\d+) of (\d+) answers are no probabilities", "{1} 个答案中有 {0} 个不是概率"),
    (r"(\d+) of (\d+) answers are no spans", "{1} 个答案中有 {0} 个不是有效的片段"),
    (r"some probabilities are no finite numbers", "有些概率不是有限的数值"),
    (r"there is a single label", "只有一个标签"),
    # groups
    (r"(\d+) of (\d+) groups have fewer than (\d+) test rows", "{1} 个群组中有 {0} 个的测试样本少于 {2} 条"),
    (r"(\d+) of (\d+) groups have (\d+) training rows or more and no test row",
     "{1} 个群组中有 {0} 个的训练样本不少于 {2} 条，却没有测试样本"),
    (r"(\d+ of \d+ groups have fewer .+); (\d+ of .+)", "{0}；{1}"),
    (r"the column has (\d+) groups, more than (\d+)", "该列有 {0} 个群组，多于 {1} 个"),
    (r"the column has a single group in the test rows", "测试样本中该列只有一个群组"),
    (r"no test row is in it, though other rows are", "其他样本中有此群组，测试样本中没有"),
    (r"no label has enough test rows in two groups", "没有哪个标签在两个群组中都有足够的测试样本"),
    (r"(\d+) rows are as confident, fewer than (\d+)", "同样有把握的样本只有 {0} 条，少于 {1} 条"),
    (r"(\d+) of (\d+) groups with enough test rows hold fewer than (\d+) entities",
     "测试样本足够的 {1} 个群组中有 {0} 个的实体少于 {2} 个"),
    (r"(.+); (\d+ of \d+ groups with enough .+)", "{0}；{1}"),
    (r"(\d+) entities are there, fewer than (\d+)", "只有 {0} 个实体，少于 {1} 个"),
    (r"(\d+) entities of this type are there, fewer than (\d+)", "只有 {0} 个该类型的实体，少于 {1} 个"),
    (r"(\d+) entities were found, fewer than (\d+)", "只找到 {0} 个实体，少于 {1} 个"),
    (r"(\d+) entities of this type were found, fewer than (\d+)", "只找到 {0} 个该类型的实体，少于 {1} 个"),
    (r"the texts hold nothing to be told", "文本中没有可供预测的内容"),
    # simple models
    (r"lookup tags words and gives a text no label", "lookup 只标注词语，不给整段文本标签"),
    (r"VADER knows the labels (.+) only", "VADER 只认识这些标签：{0}"),
    (r"(.+) gives a whole text one label and finds no spans", "{0} 给整段文本一个标签，不标注片段"),
    (r"(.+) does not tell texts", "{0} 不预测文本"),
    (r"counts tell a token from those before it, a masked model from those on both sides",
     "计数只根据前面的词元预测，掩码模型则根据两侧的词元"),
    (r"there is no base model: the candidate was trained from scratch", "没有基座模型：候选模型是从零训练的"),
    (r"the base model cannot tell texts: (.+)", "基座模型无法预测文本：{0}"),
    # releases
    (r"the live release knows other labels", f"{_LIVE}的标签不同"),
    (r"the live release knows other entity types", f"{_LIVE}的实体类型不同"),
    (r"the live release does another task", f"{_LIVE}执行的是另一种任务"),
    (r"the live release's data is no longer kept", f"{_LIVE}的数据已不再保存"),
    (r"the live release learned from something else", f"{_LIVE}是用另一类数据训练的"),
    (r"the live release's data has no column (.+)", f"{_LIVE}的数据没有这些列：{{0}}"),
    # drift
    (r"there are (\d+) and (\d+) rows to compare, and it takes (\d+) of each",
     "相比较的两方分别有 {0} 条和 {1} 条样本，每方需要 {2} 条"),
    (r"all rows are described alike, so no column can differ", "所有样本的描述都相同，没有哪一列会有差异"),
    (r"the rows are too few or too much the same to learn how they could be told apart",
     "样本太少或彼此过于相同，无法学习如何区分"),
    (r"the features of (\d+) of (\d+) rows are no finite numbers", "{1} 条样本中有 {0} 条的特征不是有限的数值"),
    (r"most rows have the same features", "多数样本的特征相同"),
    # data
    (r"nothing was scrubbed: (.+)", "没有做脱敏：{0}"),
    (r"the texts are generated", "文本是生成的"),
    (r"no values were planted", "没有植入任何值"),
    (r"the cleaning report does not say", "清理报告没有说明"),
    (r"the validation report does not say", "验证报告没有说明"),
    (r"the spec looks for no near duplicates", "规格没有要求查找近似重复"),
    (r"the spec names no evaluation set", "规格中没有写明评测集"),
    (r"no check for harmful text ran: the spec names none \(hygiene\.harm\)",
     "没有运行有害文本检查：规格中没有写明（hygiene.harm）"),
    (r"the check for harmful text scored no row", "有害文本检查没有给任何样本打分"),
    (r"no licence was looked up", "没有查询许可证"),
    (r"nothing looks for faces or writing in the pixels", "没有任何步骤检查画面中的人脸或文字"),
    (r"the model learns from texts alone", "模型只从文本学习，没有标签"),
    (r"a text has spans, and no one label that could conflict", "文本带有的是片段，没有可能互相矛盾的单一标签"),
    (r"a text holds spans of several types; the figures by type say how many there are",
     "一段文本含有多种类型的片段；各类型的数量见按类型列出的数字"),
    # privacy and energy
    (r"the training was not private \(training\.privacy\)", "训练没有使用差分隐私（training.privacy）"),
    (r"the training reported none", "训练没有报告"),
    (r"it was not timed", "没有计时"),
    (r"(\d+) timings are too few for an interval of this quantile; there are no more than fit in (\d+) s",
     "{0} 次计时不足以给出该分位数的区间；计时以 {1} 秒为限"),
    (r"no canaries were planted in the training rows", "训练样本中没有植入金丝雀文本"),
    (r"no membership attack was run", "没有进行成员推断攻击"),
    (r"there are (\d+) (?:members|rows that were not trained on), fewer than (\d+)", "只有 {0} 条样本，少于 {1} 条"),
    (r"the attack gave every row the same score, so it tells nothing apart",
     "攻击给所有样本的分数都相同，因而什么也区分不出"),
    # texts that mention groups, perturbations, behaviour
    (r"no test row mentions a group of it", "没有测试样本提及其中的群体"),
    (r"no group is mentioned in (\d+) test rows or more", "没有哪个群体被 {0} 条以上的测试样本提及"),
    (r"a single group is mentioned in (\d+) test rows or more", "只有一个群体被 {0} 条以上的测试样本提及"),
    (r"no template takes terms of two of its groups", "没有模板可用其中两个群体的词语"),
    (r"no test row has a term of it that can be exchanged", "没有测试样本含有可以调换的词语"),
    (r"all answers are equal", "所有答案都相同"),
    (r"(\d+) of (\d+) words can be put in front of fewer than (\d+) rows that are given another label",
     "{1} 个词中有 {0} 个，可供前置该词且被给出其他标签的样本少于 {2} 条"),
    (r"it changes (\d+) of (\d+) sampled texts, fewer than (\d+)",
     "它在抽取的 {1} 条文本中只改变了 {0} 条，少于 {2} 条"),
    (r"it changes none of (\d+) sampled texts", "它没有改变抽取的 {0} 条文本中的任何一条"),
    (r"its weights give no answers to embeddings of tokens \((\w+)\)", "它的权重对词元的词向量不给出答案（{0}）"),
    (r"other embeddings of its tokens do not change its answers, so there is nothing to attribute",
     "换用其他词向量并不改变它的答案，因而无从归因"),
    (r"(\d+) of (\d+) (?:kinds|tests) are not evaluated; (\w+): (.+)", "{1} 种中有 {0} 种未评估；{2}：{3}"),
    (r"(\d+) rows were answered rightly before, fewer than (\d+)", "此前答对的样本只有 {0} 条，少于 {1} 条"),
    (r"(\d+) entities were found before, fewer than (\d+)", "此前只找到 {0} 个实体，少于 {1} 个"),
    (r"no kind of perturbation changes enough of the sampled texts",
     "没有哪种扰动改变了足够多的抽样文本"),
    (r"the candidate was not asked", "没有向候选模型提问"),
    (r"no slice has (\d+) rows or more", "没有任何切片达到 {0} 条样本"),
    (r"there is no such test in the data's languages", "没有适用于数据语言的此类测试"),
    (r"no two groups have enough test rows, with and without a label that is not the same in all answers",
     "没有两个群体在有该标签和没有该标签的测试样本上都足够多，且答案不全相同"),
    (r"no group has enough test rows, with and without a label that is not the same in all answers",
     "没有哪个群体在有该标签和没有该标签的测试样本上都足够多，且答案不全相同"),
    (r"(\d+) (?:texts|templates) to exchange a term in, fewer than (\d+)",
     "可供调换词语的文本只有 {0} 条，少于 {1} 条"),
    (r"all are given the same label, so that no exchange can be told to flip it",
     "所有文本都被给出同一个标签，因而无法判断调换是否会改变它"),
    (r"the model is equally sure of every row, so none goes to a person first",
     "模型对每条样本同样确信，因而没有哪条应先交给人"),
    (r"([\d.]+%) of (\d+) rows that were not trained on is less than one row; it takes ([\d,]+) of them",
     "{1} 条未参与训练的样本的 {0} 不足一条；需要 {2} 条"),
    (r"the attack gave (\d+) of (\d+) rows no finite score", "攻击在 {1} 条样本中有 {0} 条没有得到有限的分数"),
    (r"on (\d+) rows no attack could prove more than (\S+), and the claim is (\S+)",
     "用 {0} 条样本，任何攻击至多能证明 {1}，而所声明的是 {2}"),
    (r"a masked model does not write texts", "掩码模型不生成文本"),
    (r"the model reads (\d+) tokens, and it takes (\d+)", "模型能读 {0} 个词元，而需要 {1} 个"),
    (r"(\d+) (?:training|test) texts are long enough, fewer than (\d+)", "足够长的文本只有 {0} 条，少于 {1} 条"),
    # explanations and gradients
    (r"its files are not those of a text classifier that transformers opens \((\w+)\)",
     "它的文件不是 transformers 能打开的文本分类器（{0}）"),
    (r"its files lack weights", "它的文件缺少权重"),
    (r"its labels are others", "它的标签不同"),
    (r"its tokenizer does not say where in the text a token stands", "它的分词器不说明词元在文本中的位置"),
    (r"(\d+) of the sampled rows have (\d+) words or more, fewer than (\d+)",
     "抽取的样本中只有 {0} 条有 {1} 个以上的词，少于 {2} 条"),
    (r"(\d+) of (\d+) rows have words of different weights, fewer than (\d+)",
     "{1} 条样本中只有 {0} 条的词有不同的权重，少于 {2} 条"),
    (r"the log-odds of the rows are those of the baseline, so there is nothing to explain",
     "样本的对数几率与基线相同，没有可解释的内容"),
    (r"the gradient of (\d+) of (\d+) rows vanishes or is not finite, so they were not attacked",
     "{1} 条样本中有 {0} 条的梯度为零或不是有限的数值，因而没有被攻击"),
    # what it is made of
    (r"none: from scratch, (\d+) layers, (\d+) wide, (\d+) word pieces at most",
     "无：从零训练，{0} 层，宽度 {1}，词表至多 {2} 个词片"),
    (r"none: from scratch, (\d+) layers, (\d+) wide, images of (\d+) pixels in patches of (\d+)",
     "无：从零训练，{0} 层，宽度 {1}，图像边长 {2} 像素，图块边长 {3} 像素"),
    # what looks for harm
    (r"lists of terms \((.*)\)", "词表（{0}）"),
    (r"the model (.+) \(labels (.+)\)", "模型 {0}（标签 {1}）"),
    (r"Sluicegate's own(.*)", "Sluicegate 自带{0}"),
    (r"It finds words, not harm: .+",
     "它找的是词语，而不是危害本身：换一种说法的威胁、诽谤或教唆，以及词表之外的语言，它都会漏掉；"
     "引用、讨论、被当事群体重新使用或另有所指的用法，它却会误报。"),
    (r"How well that model finds harm in texts like these was not measured\.",
     "该模型在这类文本上识别危害的效果没有测量过。"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), chinese) for pattern, chinese in _TABLE)


def in_chinese(sentence: str) -> str:
    """The sentence in Chinese, what it quotes too; the original, marked as such, if the table does not hold it."""
    return _known(sentence) or (f"{sentence}（原文）" if sentence else "")


def _known(sentence: str) -> str:
    for pattern, chinese in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return chinese.format(*(_known(part) or part for part in found.groups()))
    return ""
