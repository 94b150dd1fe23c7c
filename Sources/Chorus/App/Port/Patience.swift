import NIOCore

/// How long something that comes in pieces may take: only the time counts in which the server waits for it.
struct Pace: Equatable {
    /// Given to everything.
    let grace: TimeAmount
    /// For how many bytes there is one second more; `nil` for none.
    var rate: Int?
    private var waited = TimeAmount.zero
    private var since: NIODeadline?
    private var bytes = 0

    init(grace: TimeAmount, rate: Int? = nil) {
        self.grace = grace
        self.rate = rate
    }

    /// The server is ready for more.
    mutating func wait(from now: NIODeadline) {
        if since == nil { since = now }
    }

    /// The server is busy with what came.
    mutating func pause(at now: NIODeadline) {
        guard let since else { return }
        waited = waited + (now - since)
        self.since = nil
    }

    mutating func take(_ count: Int) { bytes += count }

    /// When the client will have had its time; `nil` while nobody waits for it.
    var deadline: NIODeadline? {
        let more = rate.map { TimeAmount.milliseconds(Int64(bytes) * 1_000 / Int64($0)) } ?? .zero
        return since.map { $0 + grace + more - waited }
    }
}

/// Where a connection stands, and until when it may stay there: a value without a socket.
struct Patience {
    private enum Phase: Equatable {
        case handshake(Pace)
        /// Nothing is under way since then.
        case idle(NIODeadline)
        case head(Pace)
        case body(Pace)
        /// The server works on the answer.
        case answering
        /// HTTP/2, with so many streams, and since when there is none.
        case streams(Int, NIODeadline)
    }

    /// What has to be done.
    enum Verdict: Equatable {
        case wait(until: NIODeadline?)
        /// The connection ends, with 408 first where a request stays without an answer.
        case cut(explains: Bool)
    }

    let limits: PortLimits
    private var phase: Phase
    /// Of HTTP/1, read and not yet answered.
    private var requests = 0
    private var hasAnswerBegun = false
    /// Since when, and with how many bytes, the client has not taken what was sent.
    private var blocked: (since: NIODeadline, bytes: Int)?
    /// When everything is cut, because the server ends.
    private var end: NIODeadline?

    init(_ limits: PortLimits, isEncrypted: Bool, at now: NIODeadline) {
        self.limits = limits
        phase = isEncrypted ? .handshake(Pace(grace: limits.handshake)) : .idle(now)
    }

    // MARK: Bytes

    mutating func came(_ bytes: Int) {
        switch phase {
        case .handshake, .head, .body: change { $0.take(bytes) }
        case .idle, .answering: phase = .head(Pace(grace: limits.head))
        case .streams: break
        }
    }

    /// Whether the time that passes now is the client's.
    var isReceiving: Bool {
        switch phase {
        case .handshake, .head, .body: true
        case .idle, .answering, .streams: false
        }
    }

    mutating func wait(from now: NIODeadline) { change { $0.wait(from: now) } }

    mutating func pause(at now: NIODeadline) { change { $0.pause(at: now) } }

    private mutating func change(_ body: (inout Pace) -> Void) {
        switch phase {
        case .handshake(var pace):
            body(&pace)
            phase = .handshake(pace)
        case .head(var pace):
            body(&pace)
            phase = .head(pace)
        case .body(var pace):
            body(&pace)
            phase = .body(pace)
        case .idle, .answering, .streams: break
        }
    }

    // MARK: Requests

    /// The handshake is over, and HTTP/1 is spoken.
    mutating func secured(at now: NIODeadline) { phase = .idle(now) }

    mutating func headRead() {
        if requests == 0 { hasAnswerBegun = false }
        requests += 1
        phase = .body(Pace(grace: limits.body, rate: limits.bodyRate))
    }

    mutating func requestRead(at now: NIODeadline) { phase = requests > 0 ? .answering : .idle(now) }

    mutating func answerBegan() { hasAnswerBegun = true }

    mutating func answered(at now: NIODeadline) {
        requests = max(0, requests - 1)
        if requests == 0, phase == .answering { phase = .idle(now) }
    }

    // MARK: Streams of HTTP/2

    mutating func speaksStreams(at now: NIODeadline) { phase = .streams(0, now) }

    mutating func streamOpened() {
        if case .streams(let count, let since) = phase { phase = .streams(count + 1, since) }
    }

    mutating func streamClosed(at now: NIODeadline) {
        guard case .streams(let count, _) = phase else { return }
        phase = .streams(max(0, count - 1), now)
        if end != nil, count <= 1 { serverEnds(at: now) }
    }

    // MARK: Answers that are not taken

    /// - Parameter bytes: how many wait to be taken; `nil` when there are few again.
    mutating func blocked(by bytes: Int?, at now: NIODeadline) { blocked = bytes.map { (now, $0) } }

    // MARK: The end

    mutating func serverEnds(at now: NIODeadline) {
        // Without streams it has been told to go (GOAWAY) and has a second to answer that.
        let isDone = if case .streams(0, _) = phase { true } else { false }
        end = min(end ?? .distantFuture, now + (isDone ? min(limits.drain, .seconds(1)) : limits.drain))
    }

    // MARK: Decisions

    /// - Parameters:
    ///   - now: the present instant.
    ///   - isCrowded: whether places are scarce.
    ///   - buffered: how many bytes wait to be taken; asked only when it matters.
    mutating func verdict(at now: NIODeadline, isCrowded: Bool, buffered: () -> Int) -> Verdict {
        if let end, now >= end || isSparable { return .cut(explains: false) }
        if let blocked, now >= blocked.since + limits.answer {
            let left = buffered()
            if blocked.bytes - left < limits.leastTaken { return .cut(explains: false) }
            self.blocked = (now, left)
        }
        let own = deadline(isCrowded: isCrowded)
        if let own, now >= own { return .cut(explains: owesExplanation) }
        return .wait(until: [own, end, blocked.map { $0.since + limits.answer }].compactMap(\.self).min())
    }

    private var owesExplanation: Bool {
        switch phase {
        case .head: requests == 0
        case .body: requests == 1 && !hasAnswerBegun
        case .handshake, .idle, .answering, .streams: false
        }
    }

    /// Nothing has begun, and nobody behind would close it.
    private var isSparable: Bool { if case .handshake = phase { true } else { false } }

    private func deadline(isCrowded: Bool) -> NIODeadline? {
        let idle = isCrowded ? min(limits.idle, limits.crowdedIdle) : limits.idle
        return switch phase {
        case .handshake(let pace), .head(let pace), .body(let pace): pace.deadline
        case .idle(let since), .streams(0, let since): since + idle
        case .answering, .streams: nil
        }
    }
}
