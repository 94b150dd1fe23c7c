internal import Configuration
internal import Hummingbird
internal import Yams
internal import Subprocess
internal import CryptoExtras
