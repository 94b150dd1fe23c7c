import NIOCore
import Testing

@testable import Chorus

/// How long a connection may take for what; without a socket and without a clock.
@Suite struct PatienceTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private let limits = PortLimits()

    private func seconds(_ count: Int64) -> NIODeadline { start + .seconds(count) }

    private func verdict(_ patience: inout Patience, at second: Int64, isCrowded: Bool = false, buffered: Int = 0)
        -> Patience.Verdict
    {
        patience.verdict(at: seconds(second), isCrowded: isCrowded) { buffered }
    }

    @Test func aPaceCountsOnlyTheTimeOfTheClient() {
        var pace = Pace(grace: .seconds(20), rate: 500)
        #expect(pace.deadline == nil)
        pace.wait(from: seconds(0))
        pace.wait(from: seconds(5))
        #expect(pace.deadline == seconds(20), "the second wait is the same")
        pace.take(1_000)
        #expect(pace.deadline == seconds(22))
        pace.pause(at: seconds(10))
        #expect(pace.deadline == nil, "the server is at it")
        pace.wait(from: seconds(100))
        #expect(pace.deadline == seconds(112))
    }

    @Test func anIdleConnectionEndsWithoutAWordAndSoonerWhereItIsCrowded() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        #expect(verdict(&patience, at: 74) == .wait(until: seconds(75)))
        #expect(verdict(&patience, at: 75) == .cut(explains: false))
        #expect(verdict(&patience, at: 4, isCrowded: true) == .wait(until: seconds(5)))
        #expect(verdict(&patience, at: 5, isCrowded: true) == .cut(explains: false))
    }

    @Test func aHeadThatComesByteByByteIsCut() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        for second in 0..<10 as Range<Int64> {
            patience.came(1)
            #expect(patience.isReceiving)
            patience.wait(from: seconds(second))
            #expect(verdict(&patience, at: second) == .wait(until: seconds(10)))
            patience.pause(at: seconds(second + 1))
        }
        patience.wait(from: seconds(10))
        #expect(verdict(&patience, at: 10) == .cut(explains: true))
    }

    @Test func aBodyHasToComeAtARate() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        patience.came(100)
        patience.headRead()
        patience.wait(from: seconds(0))
        #expect(verdict(&patience, at: 19) == .wait(until: seconds(20)))
        patience.came(5_000)
        #expect(verdict(&patience, at: 20) == .wait(until: seconds(30)))
        #expect(verdict(&patience, at: 30) == .cut(explains: true))
        patience.answerBegan()
        #expect(verdict(&patience, at: 30) == .cut(explains: false), "half an answer is on its way")
    }

    @Test func aServerThatTakesItsTimeCutsNobody() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        patience.came(100)
        patience.headRead()
        patience.requestRead(at: start)
        #expect(verdict(&patience, at: 3_600) == .wait(until: nil))
        patience.answered(at: seconds(3_600))
        #expect(verdict(&patience, at: 3_600) == .wait(until: seconds(3_675)))
    }

    @Test func anAnswerBeforeTheEndOfItsRequestIsNotTheEnd() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        patience.came(100)
        patience.headRead()
        patience.wait(from: start)
        patience.answerBegan()
        patience.answered(at: seconds(1))
        #expect(verdict(&patience, at: 20) == .cut(explains: false))
        patience.requestRead(at: seconds(2))
        #expect(verdict(&patience, at: 2) == .wait(until: seconds(77)))
    }

    @Test func requestsBehindEachOtherAreCounted() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        patience.came(100)
        for _ in 0..<3 {
            patience.headRead()
            patience.requestRead(at: start)
        }
        patience.answered(at: start)
        patience.answered(at: start)
        #expect(verdict(&patience, at: 100) == .wait(until: nil))
        patience.came(10)
        patience.wait(from: seconds(100))
        #expect(
            verdict(&patience, at: 110) == .cut(explains: false),
            "an answer is still owed, so nothing is put before it"
        )
    }

    @Test func whoTakesNothingIsCutAndWhoTakesSlowlyIsNot() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        patience.came(1)
        patience.headRead()
        patience.requestRead(at: start)
        patience.blocked(by: 1_000_000, at: start)
        #expect(verdict(&patience, at: 29, buffered: 1_000_000) == .wait(until: seconds(30)))
        #expect(verdict(&patience, at: 30, buffered: 1_000_000 - 16_384) == .wait(until: seconds(60)))
        #expect(verdict(&patience, at: 60, buffered: 1_000_000 - 16_385) == .cut(explains: false))
        patience.blocked(by: nil, at: seconds(60))
        #expect(verdict(&patience, at: 60) == .wait(until: nil))
    }

    @Test func aHandshakeHasItsTimeAndEndsWithTheServer() {
        var patience = Patience(limits, isEncrypted: true, at: start)
        patience.wait(from: start)
        patience.came(500)
        #expect(verdict(&patience, at: 9) == .wait(until: seconds(10)))
        #expect(verdict(&patience, at: 10) == .cut(explains: false))
        patience.serverEnds(at: seconds(1))
        #expect(verdict(&patience, at: 1) == .cut(explains: false))
    }

    @Test func streamsHoldAConnectionAndItsLastStartsTheClock() {
        var patience = Patience(limits, isEncrypted: true, at: start)
        patience.speaksStreams(at: start)
        patience.came(100)
        #expect(!patience.isReceiving)
        patience.streamOpened()
        patience.streamOpened()
        #expect(verdict(&patience, at: 1_000) == .wait(until: nil))
        patience.streamClosed(at: seconds(1_000))
        patience.streamClosed(at: seconds(1_001))
        #expect(verdict(&patience, at: 1_002) == .wait(until: seconds(1_076)))
    }

    @Test func whenTheServerEndsWhatHasBegunHasSomeSeconds() {
        var patience = Patience(limits, isEncrypted: false, at: start)
        patience.came(1)
        patience.headRead()
        patience.requestRead(at: start)
        patience.serverEnds(at: start)
        #expect(verdict(&patience, at: 3) == .wait(until: seconds(4)))
        #expect(verdict(&patience, at: 4) == .cut(explains: false))
        var streams = Patience(limits, isEncrypted: true, at: start)
        streams.speaksStreams(at: start)
        streams.streamOpened()
        streams.serverEnds(at: start)
        #expect(verdict(&streams, at: 1) == .wait(until: seconds(4)))
        streams.streamClosed(at: seconds(1))
        #expect(verdict(&streams, at: 2) == .cut(explains: false))
    }

    @Test func thereAreNoMoreConnectionsThanDescriptors() {
        #expect(limits.within(1_000_000, doors: 1).connections == 10_000)
        #expect(limits.within(4_096, doors: 2).connections == 1_920)
        #expect(limits.within(4_096, doors: 2).connectionsOfOne == 1_920)
        #expect(limits.within(10, doors: 1).connections == 1)
    }
}
