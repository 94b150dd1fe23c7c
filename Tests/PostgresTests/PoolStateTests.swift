import Testing

@testable import Postgres

@Suite struct PoolStateTests {
    private func pool(_ maximum: Int = 2, connected: Int = 0) -> PoolState {
        var state = PoolState(maximumConnections: maximum, maximumDepth: 3)
        for id in 1...10 where id <= connected {
            _ = state.requestLease(UInt64(100 + id))
        }
        for id in 1...10 where id <= connected {
            _ = state.connected(id)
        }
        for id in 1...10 where id <= connected {
            _ = state.released(id)
        }
        return state
    }

    @Test func theFirstStatementOpensAConnectionAndIsSentOnIt() {
        var state = pool()
        expect(state.requestStatement(1), [.connect(1)])
        expect(state.connected(1), [.send(1, 1)])
        expect(state.finished(on: 1), [])
    }

    @Test func statementsShareAConnectionUpToItsDepth() {
        var state = pool(1, connected: 1)
        for id in 1...3 { expect(state.requestStatement(UInt64(id)), [.send(UInt64(id), 1)]) }
        expect(state.requestStatement(4), [])
        expect(state.finished(on: 1), [.send(4, 1)])
    }

    @Test func aTransactionHasItsConnectionAloneAndDoesNotStarve() {
        var state = pool(1, connected: 1)
        expect(state.requestStatement(1), [.send(1, 1)])
        expect(state.requestLease(2), [])
        expect(state.requestStatement(3), [])
        expect(state.finished(on: 1), [.lease(2, 1)])
        expect(state.released(1), [.send(3, 1)])
    }

    @Test func neverMoreConnectionsThanAllowed() {
        var state = pool(2)
        var opened = 0
        for id in 1...20 {
            opened += state.requestLease(UInt64(id)).count { if case .connect = $0 { true } else { false } }
        }
        #expect(opened == 2)
        #expect(state.waiting == 20)
    }

    @Test func failedAttemptsWaitLongerEachTimeAndThenTryAgain() {
        var state = pool(1)
        _ = state.requestStatement(1)
        expect(state.connectFailed(1), [.retry(after: .milliseconds(50))])
        expect(state.backOffEnded(), [.connect(2)])
        expect(state.connectFailed(2), [.retry(after: .milliseconds(100))])
        expect(state.backOffEnded(), [.connect(3)])
        expect(state.connected(3), [.send(1, 3)])
        #expect(state.failures == 0)
    }

    @Test func whoGivesUpIsForgotten() {
        var state = pool(1)
        _ = state.requestStatement(1)
        expect(state.withdraw(1), true)
        expect(state.withdraw(1), false)
        expect(state.connected(1), [])
    }

    @Test func aLostConnectionIsReplacedForThoseWhoWait() {
        var state = pool(1, connected: 1)
        _ = state.requestLease(1)
        _ = state.requestStatement(2)
        expect(state.lost(1), [.connect(2)])
        expect(state.connected(2), [.send(2, 2)])
    }
}

/// `#expect` cannot call a mutating method; an argument can.
private func expect<Value: Equatable>(
    _ found: Value,
    _ wanted: Value,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found == wanted, sourceLocation: sourceLocation)
}
