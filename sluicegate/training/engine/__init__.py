"""One run in several processes, of one machine or of many.

The task starts torchrun, torchrun starts a process for each rank, and each rank runs `fine_tuning.train_rank` with its
share of the rows::

    task ──▶ agent (torchrun) ──▶ rank 0, rank 1, …

    job.py         what a rank needs to know, as a JSON file
    launching.py   the task's side: starts the agent, passes on what the ranks report, says what went wrong
    log.py         what the processes print
    agent.py       torchrun itself
    rendezvous.py  where the ranks find each other: a port that only this machine can reach
    worker.py      one rank
    lifeline.py    why no process outlives the task
    channel.py     what a rank reports: progress, lines of the curve, a refusal
    ranks.py       this process among the others: its share of the rows, sums over all
    strategy.py    what becomes of the model: whole (DDP) or sharded (FSDP2)
    cluster/       the same with Ray in torchrun's place, and the ranks on many machines

Three pipes tie the processes together, and every one inherits them from the one before. *Standard input* is the
lifeline: nothing is ever written to it, and it ends when the task does, however that dies. *Standard output* is the
channel; the task has read it to its end only when the last process is gone. *Standard error* is ``log.txt``, under
a lock that is free again when nobody has the file open, so a new try cannot begin beside what is left of the last.
"""
