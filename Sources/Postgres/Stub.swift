internal import CLibpq
internal import Logging
internal import Metrics
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
