"""The tamper-evident log: tree, tiles, signed checkpoints, proofs and witnesses.

The formats are those of C2SP, written down with our own choices in
`docs/spec/log.md`. Everything here is pure: bytes and callbacks in, bytes out.

Read in this order: `tree` (hashes and proofs), `tiles` (how a log is read),
`note` (signed text and keys), `checkpoint` (tree heads and who signs them),
`proof` (what is handed out), `witness` (when to cosign), `trust_policy` (what an
auditor demands), `sequencer` (appending), `audit` (re-deriving everything) and
`export` (a log as files).
"""
