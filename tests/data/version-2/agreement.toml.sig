format = "relto-signatures/1"
digest = "sha256:810e916b7a11bdff37711341882f999e52b09a2358bceca83840aba7243810e6"

[[signature]]
nation    = "XAA"
office    = "XAA/NSA"
key       = "ed25519:b67fff8976fd0bb8ddec42dcc104365c5b5568d02e3188be9464170a59aae655"
signature = "eC7jMyOKynaODYAK9RJX9cgEfu/MAn1OanaIWjrQo0Uu3LdIlNFSDfhDpXaPxUEjSSLgTa1DyiZVC8zHRHaqAw=="

[[signature]]
nation    = "XAA"
office    = "XAA/MOD"
key       = "ed25519:c698a6e3c133e9eef24a543380419d1af42a74f90f2362abe956f7cd05a4dcc7"
signature = "xu7rW5/03wMIel8GvS5EDaO/8W6p+0DMgT3MMLsUEKurFjRHqh3BdPPF2E2MRM3AfUhFOL7ZEtULfhJ5HE/LCg=="

[[signature]]
nation    = "XAA"
office    = "XAA/MFA"
key       = "ed25519:9a105135d21d3cb60b2990a193e414b2b58609fb626e0fd4858b2ba584fc618b"
signature = "+GKwdUsnMUxgAN1Lv00o1bYlhJoBGRzc4Wtn+NO86D0U9dWuwTASvnynMkOsz7tWP+5up9lOhw+rMxmIkea2CQ=="

[[signature]]
nation    = "XBB"
office    = "XBB/ANS"
key       = "ed25519:bc7c8f0308d1983ed01fffb2e6b50afe236bbdcf26f28f0f207cb88d69196774"
signature = "RjeRCn2CH3AkP3iX+0k4o/KDyHTDNGkqdYJqT7wFGBmd1NS4gWHJH5wNsVEdFvu0QLEJDAGYGJq9jWGu1P37Cw=="

[[signature]]
nation    = "XBB"
office    = "XBB/MINDEF"
key       = "ed25519:562f8cfefc8e0bc806f78711591fe74cd6890a8db0a8222bca58b6c86cd984d9"
signature = "cWdxg+tl6uzPjmCYqAeCi4q24tjVXVZ55b54M6NjCz2Lto6oYJrV1g94DKCVTABZC6PG8qpFnqKZENrSYfKSAA=="
