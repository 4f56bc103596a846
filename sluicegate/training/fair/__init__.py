"""Training that treats groups alike: weights of rows, texts with exchanged terms, thresholds on the validation rows.

reweighing       the weight of a row from its group and label (Kamiran & Calders 2012)
counterfactual   texts with gendered words and names exchanged (Lu et al. 2020)
augmentation     a file's rows with such copies
thresholds       where to cut a score so that groups are selected alike (Hardt et al. 2016)
group_rates      how often each group is selected at each threshold
training_rows    what the spec asks for of the rows: copies, then weights
head_threshold   what the spec asks for of the trained model: a threshold in the bias of its head
windows          a threshold for each group, where a user asks for that
"""
