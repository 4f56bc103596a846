"""Work on the rows of a table shared out over a Ray cluster; on a single machine nothing here is imported.

    joining    the cluster found, joined and left
    mapping    items in, answers out, in the items' order: a Ray Data pipeline
    node       what runs on the nodes: reading items beside the file, working on them anywhere
    packing    rows of a table as bytes

An item is some rows as bytes, which Ray passes on whole and never looks into; so is the answer to it. Items are
read by one task on the machine of the run, which alone has the files. It reads the same items in the same order
each time, so that Ray can make again what a lost node took with it.
"""
