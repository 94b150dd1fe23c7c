import Testing

@testable import Postgres

@Suite struct PipelineStateTests {
    private func play(_ state: inout PipelineState, _ answers: [PipelineState.Answer]) -> [PipelineState.Action] {
        answers.map { state.received($0) }.filter { $0 != .nothing }
    }

    @Test func aUnitDeliversAndFinishes() {
        var state = PipelineState()
        state.sent(1, steps: [.prepare(name: "s1"), .execute])
        expect(play(&state, [.success, .end, .success, .end, .sync]), [.deliver(1), .finish(1)])
        #expect(state.depth == 0)
    }

    @Test func anErrorInOneUnitLeavesItsNeighboursAlone() {
        var state = PipelineState()
        state.sent(1, steps: [.setting, .setting, .execute])
        state.sent(2, steps: [.execute])
        let first = play(&state, [.success, .end, .success, .end, .failure, .end, .sync])
        #expect(first == [.fail(1), .finish(1)])
        expect(play(&state, [.success, .end, .sync]), [.deliver(2), .finish(2)])
    }

    @Test func aParseThatFailedOrWasSkippedIsForgotten() {
        var state = PipelineState()
        state.sent(1, steps: [.prepare(name: "s1"), .execute])
        expect(play(&state, [.failure, .end, .skipped, .end, .sync]), [.forget(name: "s1", 1), .finish(1)])
        state.sent(2, steps: [.setting, .prepare(name: "s2"), .execute])
        expect(
            play(&state, [.failure, .end, .skipped, .end, .skipped, .end, .sync]),
            [.fail(2), .forget(name: "s2", 2), .finish(2)]
        )
    }

    @Test func aCommitThatFailsAtTheSyncPointIsAnError() {
        var state = PipelineState()
        state.sent(1, steps: [.execute])
        expect(play(&state, [.success, .end, .failure, .end, .sync]), [.deliver(1), .fail(1), .finish(1)])
    }

    @Test func anAnswerThatNobodyAskedForIsNoticed() {
        var state = PipelineState()
        expect(state.received(.success), .outOfStep)
        state.sent(1, steps: [.execute])
        expect(state.received(.sync), .outOfStep)
    }

    @Test func aLossNamesAllThatWasInFlight() {
        var state = PipelineState()
        for id in 1...3 { state.sent(UInt64(id), steps: [.execute]) }
        #expect(state.head == 1)
        expect(state.lost(), [1, 2, 3])
        #expect(state.depth == 0)
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
