import Foundation
import HummingbirdCore
import NIOCore

/// How long and how much a connection may take before it is cut; the handbook's page “Limits” lists them.
struct PortLimits: Sendable {
    /// The most connections at once; past them, nothing more is accepted until one ends.
    var connections = 10_000
    /// The most of one address; past them, a connection is answered 503 and closed.
    ///
    /// A town hall of 2,000 people behind one address has room: a browser opens at most six connections by HTTP/1 and one by
    /// HTTP/2, and idle ones end soon.
    var connectionsOfOne = 2_500
    /// From the connection to the end of its TLS handshake.
    var handshake: TimeAmount = .seconds(10)
    /// From the first byte of a request to the end of its head.
    var head: TimeAmount = .seconds(10)
    /// For a body, whatever its size; see ``bodyRate``.
    var body: TimeAmount = .seconds(20)
    /// For how many of a body's bytes there is one second more (Apache's mod_reqtimeout: `body=20,MinRate=500`).
    var bodyRate = 500
    /// Between two requests.
    var idle: TimeAmount = .seconds(75)
    /// The same while nine tenths of all connections are taken.
    var crowdedIdle: TimeAmount = .seconds(5)
    /// In which a client that takes its answer slowly has to take at least ``leastTaken`` bytes.
    var answer: TimeAmount = .seconds(30)
    var leastTaken = 16_384
    /// How many bytes of answers a connection may have handed to the system that the system has not sent yet.
    ///
    /// Without a bound, Linux takes 4 MiB from a connection whose client reads nothing; copying them stops all others.
    /// What is under way is not counted, so that fast and far clients are not slowed.
    var unsent = 131_072
    /// For an answer by HTTP/2, from its first byte to its last.
    var streamAnswer: TimeAmount = .seconds(120)
    /// For what has begun when the server is told to end.
    var drain: TimeAmount = .seconds(4)
    /// How often a connection looks at the clock when nothing happens.
    var look: TimeAmount = .seconds(15)

    /// Of a request's head; what is longer is 400 and the end of the connection.
    static let head = HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: 8_192,
        maxHeaderListSize: 16_384,
        maxHeaderFieldCount: 100
    )
}

extension PortLimits {
    /// The same with no more connections than there are descriptors for.
    ///
    /// - Parameters:
    ///   - files: how many files this process may have open; some are left for databases, programs and files.
    ///   - doors: how many ports share them.
    func within(_ files: Int, doors: Int) -> PortLimits {
        var limits = self
        limits.connections = max(1, min(connections, (files - 256) / doors))
        limits.connectionsOfOne = min(connectionsOfOne, limits.connections)
        return limits
    }
}

extension NIOBSDSocket.Option {
    /// Of ``PortLimits/unsent``; see tcp(7).
    static let unsentBytes = Self(rawValue: TCP_NOTSENT_LOWAT)
}

/// How many files this process may have open.
enum OpenFiles {
    /// Raised to what the system allows this process, once: services are started with 1,024 for the sake of programs that use
    /// `select`, which this one does not.
    static let most: Int = {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }()

    #if canImport(Darwin)
        private static let resource = RLIMIT_NOFILE
    #else
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #endif
}
