import Logging

/// Looks after answers that a server owes.
///
/// The limit of a statement is kept by the server, and a server that is stopped, or cut off without a word, keeps
/// none. So when one is silent for a while the pool connects to it anew: if that works, it is only slow; if not, all
/// connections are given up, and those who wait are told. Whatever is owed for longer than a statement may run is
/// asked to end, and given up if it does not: a commit that waits for its synchronous standby has no limit of the
/// server's.
struct SilenceWatch {
    /// Whether a look is planned.
    var isOn = false
    /// Whether it is being tried whether the server is there.
    var isProbing = false

    /// How long after a statement should have ended the server is asked to end it.
    static let grace: Duration = .seconds(2)
    /// How long it then has.
    static let lastChance: Duration = .seconds(3)
}

extension PoolCore {
    /// Looks again and again as long as something is owed.
    func watchSilence() {
        guard !silence.isOn else { return }
        silence.isOn = true
        reactor.after(configuration.silenceLimit / 2, event { $0.lookAtSilence() })
    }

    private func lookAtSilence() {
        silence.isOn = false
        let now = ContinuousClock.now
        let owed = connections.values.filter(\.isOwed)
        guard !owed.isEmpty, !isClosed else { return }
        // No limit at all is written as zero, as PostgreSQL does.
        let timeout = configuration.statementTimeout
        for connection in owed {
            let isFree = timeout == .zero || connection.hasTime
            let limit = isFree ? Duration.seconds(1 << 40) : timeout + SilenceWatch.grace
            let silent = now - connection.heardAt
            if silent > limit + SilenceWatch.lastChance {
                drop(connection.id)
            } else if silent > limit, !connection.isInterrupted {
                interrupt(connection)
            } else if silent > configuration.silenceLimit, !silence.isProbing {
                probe()
            }
        }
        watchSilence()
    }

    private func interrupt(_ connection: Connection) {
        let id = connection.id
        let taken = event { $0.connections[id]?.cancelTaken() }
        connection.interrupt { [reactor] in reactor.run(taken) }
    }

    /// Tries whether the server still takes connections.
    private func probe() {
        silence.isProbing = true
        openBeside { outcome in
            self.silence.isProbing = false
            switch outcome {
            case .success(let id):
                // Another one takes writes now: no connection to the silent one is of any use.
                let server = self.connections[id]?.server
                self.drop(id, quietly: true)
                self.giveUp { $0.server != server }
            case .failure:
                // It was away before anybody knew: who comes now has not to wait for as long again.
                self.unreachableSince = self.connections.values.map(\.heardAt).min() ?? .now
                self.giveUp { _ in true }
            }
        }
    }

    /// The server is not there: what is open leads nowhere, and what nobody waits for now would be found out one by
    /// one later.
    private func giveUp(_ isLost: (Connection) -> Bool) {
        let lost = connections.values.filter(isLost).map(\.id)
        guard !isClosed, !lost.isEmpty else { return }
        logger.warning("PostgreSQL is silent", metadata: ["pool": "\(configuration.applicationName)"])
        for id in lost { drop(id, quietly: true) }
    }
}
