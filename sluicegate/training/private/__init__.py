"""DP-SGD: the trained weights tell little about any one training row, by a bound that can be stated.

Each step draws its rows by Poisson sampling, clips every row's gradient to one length, adds Gaussian noise to the
sum and divides by the expected number of rows. Source: Abadi et al., Deep Learning with Differential Privacy (2016).

The files::

    accounting.py      epsilon by two accountants, and the noise that meets a target
    seeds.py           where the random numbers come from: a secret seed, the step
    sampling.py        which rows a step trains on
    noise.py           the Gaussian noise of a step
    gradients.py       per-example gradients of one parameter, without writing them out where that is dear
    layers.py          which layers have them, and how; what is frozen or refused
    recording.py       what a backward pass leaves behind for them
    verification.py    the first rows' gradients against plain autograd
    budget.py          what the spec allows, and what has been spent
    private_pass.py    a step's gradient from micro-batches: `PrivatePass`
    run.py             a private run's part in the loop

What the guarantee covers, and what it does not:

- It is about the weights, and about one row of the training data that is added or left out. Two rows of one person
  count twice. The loss of the training rows, a vocabulary made from them and class weights counted from them are
  not covered; nor is the choice among several runs.
- It holds against who does not know the seed: the noise can be taken off again by who does. Hence `secret_seed`.
- The generator is not a cryptographic one, and rounding in floating point is not accounted for (Mironov, On
  Significance of the Least Significant Bits for Differential Privacy, 2012).
"""
