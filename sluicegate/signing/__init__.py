"""Keys, signatures and one-time codes; nothing here knows what is signed, or who may.

    keys             Ed25519 keys: public ones as lines, private ones in files
    armor            what a private key's file is, told without its passphrase
    key_files        how such a file is read, and written without ever overwriting another
    sshsig           signatures of people, in OpenSSH's envelope: `ssh-keygen -Y verify` checks them too
    wire             the length-prefixed strings that OpenSSH's formats are made of
    ocra             one-time codes, and the secrets that they come from

A signature proves who signed what, to anybody. A code proves to the service alone that somebody who
holds a secret was there.
"""
