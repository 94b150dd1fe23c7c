import HummingbirdCore
import NIOCore
import Synchronization

/// Counts the connections of a port, in memory only.
final class Connections: Sendable {
    private struct State {
        var count = 0
        var bySource: [IPAddress: Int] = [:]
    }

    private let limits: PortLimits
    private let proxies: TrustedProxies
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limits: how many there may be.
    ///   - proxies: who may have as many as there are, because many people stand behind them.
    init(_ limits: PortLimits, proxies: TrustedProxies) {
        self.limits = limits
        self.proxies = proxies
    }

    var count: Int { state.withLock { $0.count } }

    /// Whether none is accepted until one ends.
    var areFull: Bool { count >= limits.connections }

    /// Whether those that do nothing must make room soon.
    var areCrowded: Bool { count * 10 >= limits.connections * 9 }

    func opened() { state.withLock { $0.count += 1 } }

    func closed() { state.withLock { $0.count -= 1 } }

    /// Gives an address a place.
    ///
    /// - Returns: false when it has as many as it may have; then nothing is to be given back.
    func enter(_ address: IPAddress?) -> Bool {
        guard let source = counted(address) else { return true }
        return state.withLock { state in
            let count = state.bySource[source, default: 0]
            guard count < limits.connectionsOfOne else { return false }
            state.bySource[source] = count + 1
            return true
        }
    }

    func leave(_ address: IPAddress?) {
        guard let source = counted(address) else { return }
        state.withLock { state in
            let count = state.bySource[source, default: 0]
            state.bySource[source] = count > 1 ? count - 1 : nil
        }
    }

    private func counted(_ address: IPAddress?) -> IPAddress? { proxies.contains(address) ? nil : address?.source }
}

/// Lets Hummingbird stop accepting while there are too many: those who come then wait in the system's queue.
struct AcceptWhileThereIsRoom: AvailableConnectionsDelegate {
    let connections: Connections

    mutating func connectionOpened() { connections.opened() }
    mutating func connectionClosed() { connections.closed() }
    func isAcceptingNewConnections() -> Bool { !connections.areFull }
}
