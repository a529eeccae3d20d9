format = "relto-signatures/1"
digest = "sha256:dc33bb1f1c565ffae9158f3bf70d8a74500e7ab7883677ec3a21c532c12e600b"

[[signature]]
nation    = "XAA"
office    = "XAA/NSA"
key       = "ed25519:7da8615e77eceb551de3c742180aa749988b58d9eb585d554deef493a4b0d47a"
signature = "lYXvfiBS2ASxWHGH3UKwZIi7gwGCzUIkmi6x8p7YC5LsXq0erGNpKP9XF2qnycTMFv7NsNOkM+TAwsK5PxQSDw=="

[[signature]]
nation    = "XAA"
office    = "XAA/MOD"
key       = "ed25519:997164a826d6bffe9caf4cf671f2239488995d09f18aa3ae3c1ae612d0d49048"
signature = "wrQcOQIdT2LoLpA5knADR7QA1XGbBFj7+WcGFnayXjEnRdG1lQmZ9CotZiFqs2ixPkSVZch9g3p3DbN/iKZIAg=="

[[signature]]
nation    = "XAA"
office    = "XAA/MFA"
key       = "ed25519:3ec7381f42222e81028a723a3b441b8e8a6c884798f179d8aa9ce5cb15607947"
signature = "AOQePNkj8QgEqSAqZG9/0VVroOLdJ0wMxFj3HvD7FwwXzTnVKIoqhQ0Qs5XOGknWmm/c9XtQvcnXpUqjTIhtCg=="

[[signature]]
nation    = "XBB"
office    = "XBB/ANS"
key       = "ed25519:f1878e98d0529a78876b316ab6089da5d2e6cec89dd5299206a7b8912332dabe"
signature = "IDOvrgZ9TZdV7LGcFknbjeOtCrdrhLczkcUH5TShM0RMh5ecnSOfozDwwMz9a+WFjqiDVFssAFCktnX5BGBbBw=="

[[signature]]
nation    = "XBB"
office    = "XBB/MINDEF"
key       = "ed25519:dff71af412d424cd596802f629b2cf447f9c8d4cfd177ef15dc0b6e8ff033e8b"
signature = "ceUBgNhy1bi6GeiF/NMa95AWG2qFgwoqkBHzIf99OW4LbrdK9umsL2yCpy32Lqbm5tWfNBOUExbp1e/Om/8SCQ=="
