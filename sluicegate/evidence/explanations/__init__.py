"""Why a text classifier gives a text its label, word by word, and whether such an explanation can be believed.

word_spans            what the words of a text are, and the text without some of them
integrated_gradients  a weight for each word by gradients
word_lime             a weight for each word by asking about the text without some of them
random_model          the same model with half of it shuffled, whose explanations should be others
deletions             what becomes of the answer without the words that weigh most
explaining            the rows that are explained, and what is measured of their explanations
showing               weights as marks for the page
catalogue             the checks
"""
