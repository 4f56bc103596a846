"""One run in several processes on the nodes of a Ray cluster, under Ray Train.

The task starts a driver on its own machine, Ray Train starts a worker for each rank on the nodes, and each runs
`fine_tuning.train_rank` with its share of the rows, as under torchrun::

    task ──▶ agent (Ray's driver) ──▶ controller ──▶ rank 0, rank 1, …

    agent.py      the driver: joins the cluster within a bounded time, and leaves it
    driving.py    Ray Train started, and started again where a process or a node was lost
    rank.py       one rank
    post.py       what the ranks report, on its way to the driver, which passes it on to the task
    network.py    over which of a node's networks the ranks talk

The files of the run lie in folders that every node sees; nothing but their paths goes through Ray. Checkpoints are
the run's own, in shards of safetensors. Ray Train's storage is a folder inside the run's, which is removed with it.

Where the task dies, the driver dies (`lifeline`), and Ray ends the workers of a driver that is gone. A rank holds the
lock of its log for as long as its process lives, so a new try cannot begin beside what is left of the last.
"""
