"""Every check's title in Chinese; ``{}`` stands for the parameter, as in the catalogue's own titles."""

from __future__ import annotations

from sluicegate.evidence.selective_catalogue import COVERAGES

AREAS = {
    "performance": "总体表现",
    "group": "各群组之间是否均衡",
    "identity": "文本中提及的群体之间是否均衡",
    "baseline": "与简单模型在相同样本上的比较",
    "comparison": "与在线版本在相同样本上的比较",
    "drift": "数据是否发生漂移",
    "robustness": "稳健性",
    "data": "数据本身",
    "transparency": "用途与已知危害",
    "privacy": "模型会透露单条训练样本的多少信息",
    "explanation": "解释",
    "footprint": "运行所需资源",
}
"""Area → heading."""

_PERFORMANCE = {
    "performance.accuracy": "准确率",
    "performance.balanced_accuracy": "平衡准确率（各标签权重相同）",
    "performance.macro_f1": "宏平均 F1",
    "performance.f1": "标签“{}”的 F1",
    "performance.precision": "标签“{}”的精确率",
    "performance.recall": "标签“{}”的召回率",
    "performance.roc_auc": "ROC AUC",
    "performance.pr_auc": "PR AUC",
    "performance.log_loss": "对数损失",
    "performance.calibration_error": "校准误差",
    "performance.risk_coverage_area": "选择性预测：各种作答比例下的平均错误率",
    **{f"performance.accuracy_at_{percent}": f"最有把握的 {percent} % 样本上的准确率" for percent in COVERAGES},
    "performance.entity_f1": "实体 F1",
    "performance.entity_precision": "实体精确率",
    "performance.entity_recall": "实体召回率",
    "performance.character_f1": "字符 F1",
    "performance.character_precision": "字符精确率",
    "performance.character_recall": "字符召回率",
    "performance.character_coverage": "被标出的实体字符比例（不论类型）",
    "performance.entity_f1_of": "类型“{}”的实体 F1",
    "performance.character_precision_of": "类型“{}”的字符精确率",
    "performance.character_recall_of": "类型“{}”的字符召回率",
    "performance.character_f1_of": "类型“{}”的字符 F1",
    "performance.bits_per_byte": "每字节比特数",
    "performance.perplexity": "困惑度",
    "performance.unknown_share": "词表无法拼写的字节比例",
}
_GROUP = {
    "group.macro_f1_lowest": "“{}”各群组中最低的宏平均 F1",
    "group.macro_f1_gap": "“{}”各群组之间的宏平均 F1 差距",
    "group.accuracy_lowest": "“{}”各群组中最低的准确率",
    "group.accuracy_gap": "“{}”各群组之间的准确率差距",
    "group.recall_gap": "“{}”各群组之间的召回率差距",
    "group.selection_rate_gap": "“{}”各群组之间给出同一标签的频率差距",
    "group.evaluated_share": "“{}”中样本量足够的群组所占的测试样本比例",
    "group.character_recall_lowest": "“{}”各群组中最低的字符召回率",
    "group.character_f1_lowest": "“{}”各群组中最低的字符 F1",
    "group.character_f1_gap": "“{}”各群组之间的字符 F1 差距",
    "group.bits_per_byte_highest": "“{}”各群组中最高的每字节比特数",
    "group.bits_per_byte_gap": "“{}”各群组之间的每字节比特数差距",
}
_IDENTITY = {
    "identity.selection_rate_gap": "提及“{}”不同群体的样本之间给出同一标签的频率差距",
    "identity.equalized_odds_difference": "提及“{}”不同群体的样本之间正确或错误给出标签的频率差距（均等几率差）",
    "identity.subgroup_auc_lowest": "“{}”中最差群体内部的 ROC AUC",
    "identity.bpsn_auc_lowest": "提及“{}”中最差群体的无标签样本对未提及的有标签样本（BPSN AUC）",
    "identity.bnsp_auc_lowest": "提及“{}”中最差群体的有标签样本对未提及的无标签样本（BNSP AUC）",
    "identity.evaluated_groups": "“{}”中有足够测试样本提及的群体比例",
    "identity.template_flips": "在自拟句子中调换“{}”的群体后改变的判定比例",
    "identity.template_change": "在自拟句子中调换“{}”的群体后的平均概率变化",
    "identity.template_change_largest": "在自拟句子中调换“{}”的群体后的最大概率变化",
    "identity.exchange_flips": "在测试样本中调换“{}”的群体后改变的判定比例",
    "identity.exchange_change": "在测试样本中调换“{}”的群体后的平均概率变化",
    "identity.exchange_change_largest": "在测试样本中调换“{}”的群体后的最大概率变化",
}
_BASELINE = {
    "baseline.macro_f1": "{} 的宏平均 F1",
    "baseline.macro_f1_gain": "比 {} 高出的宏平均 F1",
    "baseline.accuracy_gain": "比 {} 高出的准确率",
    "baseline.character_f1": "{} 的字符 F1",
    "baseline.character_f1_gain": "比 {} 高出的字符 F1",
    "baseline.entity_f1_gain": "比 {} 高出的实体 F1",
    "baseline.bits_per_byte": "{} 的每字节比特数",
    "baseline.bits_per_byte_gain": "比 {} 节省的每字节比特数",
}
_COMPARISON = {
    "comparison.macro_f1_change": "宏平均 F1 的变化",
    "comparison.accuracy_change": "准确率的变化",
    "comparison.group_macro_f1_change_lowest": "“{}”中最差群组的宏平均 F1 变化",
    "comparison.disagreement": "答案发生变化的比例",
    "comparison.regressed_share": "由对变错的比例",
    "comparison.seen_share": "在线版本训练时见过的测试样本比例",
    "comparison.entity_f1_change": "实体 F1 的变化",
    "comparison.character_f1_change": "字符 F1 的变化",
    "comparison.character_recall_change": "字符召回率的变化",
    "comparison.bits_per_byte_change": "每字节比特数的变化",
    "comparison.less_likely_share": "可能性降低的文本比例",
}
_DRIFT = {
    "drift.share": "训练样本与测试样本之间有差异的列所占比例",
    "drift.text_auc": "训练文本与测试文本的可区分程度",
    "drift.embedding_distance": "训练样本与测试样本在嵌入空间中的距离",
    "drift.embedding_p_value": "若训练样本与测试样本同分布，出现这样的嵌入距离的概率",
    "drift.embedding_distance_previous": "与在线版本的数据在嵌入空间中的距离",
    "drift.embedding_p_value_previous": "若与在线版本的数据同分布，出现这样的嵌入距离的概率",
    "drift.share_previous": "与在线版本的数据有差异的列所占比例",
    "drift.text_auc_previous": "训练文本与在线版本的训练文本的可区分程度",
    "drift.image_auc": "训练图像与测试图像的可区分程度",
    "drift.image_auc_previous": "训练图像与在线版本的训练图像的可区分程度",
}
_ROBUSTNESS = {
    "robustness.accuracy_kept_lowest": "最严重的扰动下仍保持正确的比例",
    "robustness.accuracy_kept": "扰动“{}”下仍保持正确的比例",
    "robustness.flip_share": "扰动“{}”改变答案的比例",
    "robustness.macro_f1_drop": "扰动“{}”造成的宏平均 F1 损失",
    "robustness.failure_share_highest": "最差行为测试的失败比例",
    "robustness.failure_share": "行为测试“{}”的失败比例",
    "robustness.odd_inputs_held": "能够正常作答的异常输入比例",
    "robustness.trigger_flips": "被单个词改变的答案比例",
    "robustness.slice_accuracy_lowest": "最差切片上的准确率",
    "robustness.fgm_accuracy_kept": "词向量沿梯度移动一步（FGM）后仍保持正确的比例",
    "robustness.pgd_accuracy_kept": "词向量分多步移动（PGD）后仍保持正确的比例",
}
_EXPLANATION = {
    "explanation.completeness_error": "积分梯度未能解释的部分",
    "explanation.random_model_similarity": "与打乱权重的模型的解释的相似程度",
    "explanation.method_agreement": "积分梯度与 LIME 的一致程度",
    "explanation.comprehensiveness_gain": "去掉最重要的词比去掉其他词多损失的概率",
}
_DATA = {
    "data.refused_share": "无法读取的样本比例",
    "data.validation_success": "数据期望是否全部成立",
    "data.quarantined_share": "被隔离的样本比例",
    "data.scrub_residual": "脱敏后仍能扫描出个人数据的文本比例",
    "data.canary_recall": "植入的个人数据被完全遮盖的比例",
    "data.canary_recall_direct": "植入的直接标识符被完全遮盖的比例",
    "data.dropped_duplicate_share": "因重复而删除的样本比例",
    "data.contaminated_share": "与评测集相同、近似或引用评测集的样本比例",
    "data.harmful_share": "有害文本比例",
    "data.licence_reach": "数据许可证允许模型流通的范围",
    "data.base_model_licence_reach": "基座模型许可证允许模型流通的范围",
    "data.duplicate_share": "重复的训练样本比例",
    "data.leaked_share": "同时出现在训练数据中的测试样本比例",
    "data.conflicting_share": "带有两种标签的训练样本比例",
    "data.label_share_lowest": "最少见标签所占比例",
    "data.test_rows": "测试样本数",
    "data.image_metadata_residual": "清理后仍带有元数据的图像比例",
    "data.image_content_residual": "画面中仍有个人数据的图像比例",
    "transparency.form_filled": "用途与危害表单的填写比例",
}
_PRIVACY = {
    "privacy.epsilon_rdp": "按 RDP 计算的隐私消耗",
    "privacy.epsilon_prv": "按 PRV 计算的隐私消耗",
    "privacy.delta": "上述两个上界不成立的概率",
    "privacy.membership_auc": "凭损失把训练样本与其他样本区分开的程度",
    "privacy.membership_tpr_at_0_1_percent": "误报率 0.1 % 时凭损失认出的训练样本比例",
    "privacy.membership_tpr_at_1_percent": "误报率 1 % 时凭损失认出的训练样本比例",
    "privacy.shadow_membership_auc": "借助影子模型把训练样本与其他样本区分开的程度",
    "privacy.shadow_membership_tpr_at_0_1_percent": "误报率 0.1 % 时借助影子模型认出的训练样本比例",
    "privacy.shadow_membership_tpr_at_1_percent": "误报率 1 % 时借助影子模型认出的训练样本比例",
    "privacy.canary_exposure_mean": "植入文本被记住的平均程度",
    "privacy.canary_exposure_largest": "最明显的一条植入文本被记住的程度",
    "privacy.epsilon_excess": "攻击结果与所声称的隐私保证相抵触的程度",
    "privacy.extracted_share": "模型逐字写出的训练文本比例",
    "privacy.extracted_share_excess": "模型逐字写出的训练文本比例（扣除测试文本的比例）",
}
_FOOTPRINT = {
    "footprint.size": "候选模型的大小",
    "footprint.training_energy": "训练耗电量",
    "footprint.training_carbon": "训练的碳排放量",
}
TITLES: dict[str, str] = {
    **_PERFORMANCE, **_GROUP, **_IDENTITY, **_BASELINE, **_COMPARISON, **_DRIFT, **_ROBUSTNESS, **_EXPLANATION, **_DATA,
    **_PRIVACY, **_FOOTPRINT,
}  # fmt: skip
"""Name of a check without its parameter → title."""
