import NIOCore
import NIOHTTP1

/// What can be done with a request without leaving its event loop.
enum ExpressDecision {
    /// It goes the ordinary way, through the router.
    case ordinary
    /// It is answered with this.
    case answer(ExpressAnswer)
    /// Its body is needed; whoever gets it calls back once, on any thread, with `nil` to send the request the ordinary way.
    case collect(limit: Int, then: (ByteBuffer, @escaping @Sendable (ExpressAnswer?) -> Void) -> Void)
}

/// A kind of request that is answered on the event loop when nothing is unusual about it.
///
/// A lane never refuses: what it does not know, or what fails, goes the ordinary way and is answered there. So a request
/// that is collected must do no harm when it is done twice.
protocol ExpressLane: Sendable {
    /// Looks at a request.
    ///
    /// - Parameters:
    ///   - head: of the request.
    ///   - caller: who asks, for limits kept in memory only.
    func decide(_ head: HTTPRequestHead, from caller: Caller) -> ExpressDecision
}

/// Answers hot requests where they arrive.
///
/// A request through the router costs a task, two hops between threads and some hundred allocations, more than all that
/// the hot requests need. This handler stands before the router's: it takes a request only when nothing of its connection is
/// under way, and hands on everything else untouched.
final class ExpressHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private struct Collected {
        let head: HTTPRequestHead
        let limit: Int
        let act: (ByteBuffer, @escaping @Sendable (ExpressAnswer?) -> Void) -> Void
        var body = ByteBuffer()
    }

    private enum Mode {
        case idle
        /// The rest of this request goes on to the router.
        case passing
        /// The answer is known and waits for the end of the request.
        case answering(HTTPRequestHead, ExpressAnswer)
        case collecting(Collected)
        /// Somebody works on the answer; what the client sends meanwhile is held.
        case waiting(Collected)
    }

    private enum Signal {
        case event(Any)
        case error(any Error)
    }

    private let lanes: [any ExpressLane]
    private let callers: Callers
    /// The other end of the connection.
    private var peer: IPAddress?
    private var clock: ConnectionClock?
    private var mode = Mode.idle
    /// Requests that the router has not answered yet.
    private var ordinary = 0
    private var held = CircularBuffer<HTTPServerRequestPart>()
    private var isReadHeld = false
    /// What those behind must not hear of before the request that is in hand here is answered or theirs.
    private var signals: [Signal] = []
    /// The way out past the encoder: answers are bytes already.
    private var raw: ChannelHandlerContext?

    init(lanes: [any ExpressLane], callers: Callers) {
        self.lanes = lanes
        self.callers = callers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        raw = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        clock = try? context.pipeline.syncOperations.handler(type: ConnectionClock.self)
        peer = IPAddress(context.channel.remoteAddress)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        raw = nil
        clock = nil
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        tellClock(unwrapInboundIn(data))
        // A client that does not take its answers gets no more of them, however many requests it has sent at once.
        if isHolding || !(held.isEmpty && context.channel.isWritable) { return held.append(unwrapInboundIn(data)) }
        take(data, context)
        releaseSignals(context)
    }

    private func tellClock(_ part: HTTPServerRequestPart) {
        switch part {
        case .head: clock?.headRead()
        case .body: break
        case .end: clock?.requestRead()
        }
    }

    private var isHolding: Bool { if case .waiting = mode { true } else { false } }

    private func take(_ data: NIOAny, _ context: ChannelHandlerContext) {
        switch (unwrapInboundIn(data), mode) {
        case (.head(let head), _): begin(head, context)
        case (.body(let bytes), .collecting(var collected)):
            mode = .idle
            guard collected.body.readableBytes + bytes.readableBytes <= collected.limit else {
                pass(collected.head, collected.body, context)
                return context.fireChannelRead(data)
            }
            collected.body.writeImmutableBuffer(bytes)
            mode = .collecting(collected)
        case (.body, .answering(let head, _)):
            // Nobody sends a body with a read; the router knows what to do with it.
            pass(head, ByteBuffer(), context)
            context.fireChannelRead(data)
        case (.end(nil), .answering(_, let answer)):
            mode = .idle
            send(answer, context)
        case (.end(nil), .collecting(let collected)): act(on: collected, context)
        case (.end, .answering(let head, _)):
            pass(head, ByteBuffer(), context)
            passEnd(data, context)
        case (.end, .collecting(let collected)):
            pass(collected.head, collected.body, context)
            passEnd(data, context)
        case (.end, _): passEnd(data, context)
        case (.body, _): context.fireChannelRead(data)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let isPlain =
            ordinary == 0 && head.version == .http1_1 && head.isKeepAlive && head.headers.contains(name: "host")
            && !head.headers.contains(name: "expect")
        guard isPlain else { return pass(head, ByteBuffer(), context) }
        let caller = callers.caller(from: peer, head.headers)
        for lane in lanes {
            switch lane.decide(head, from: caller) {
            case .ordinary: continue
            case .answer(let answer): return mode = .answering(head, answer)
            case .collect(let limit, let act):
                return mode = .collecting(Collected(head: head, limit: limit, act: act))
            }
        }
        pass(head, ByteBuffer(), context)
    }

    /// Hands what was taken of a request on to the router.
    private func pass(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        mode = .passing
        ordinary += 1
        context.fireChannelRead(wrapInboundOut(.head(head)))
        if body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(body))) }
    }

    private func passEnd(_ data: NIOAny, _ context: ChannelHandlerContext) {
        mode = .idle
        context.fireChannelRead(data)
    }

    private func act(on collected: Collected, _ context: ChannelHandlerContext) {
        mode = .waiting(collected)
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        collected.act(collected.body) { answer in
            if loop.inEventLoop {
                handler.value.finish(answer, bound.value)
            } else {
                loop.execute { handler.value.finish(answer, bound.value) }
            }
        }
    }

    private func finish(_ answer: ExpressAnswer?, _ context: ChannelHandlerContext) {
        guard case .waiting(let collected) = mode, context.channel.isActive else { return }
        mode = .idle
        if let answer {
            send(answer, context)
        } else {
            pass(collected.head, collected.body, context)
            passEnd(wrapInboundOut(.end(nil)), context)
            context.fireChannelReadComplete()
        }
        release(context)
    }

    private func release(_ context: ChannelHandlerContext) {
        // Those behind deliver what they were given when a read is complete; that of the bytes held was over long ago.
        let hadHeld = !held.isEmpty
        defer { if hadHeld { context.fireChannelReadComplete() } }
        while !held.isEmpty {
            if isHolding || !context.channel.isWritable { return }
            take(NIOAny(held.removeFirst()), context)
        }
        releaseSignals(context)
        if isReadHeld, !isHolding {
            isReadHeld = false
            context.read()
        }
    }

    /// Nobody reads ahead of an answer that takes its time, or is not taken: what is held would grow with all that a client
    /// sends.
    func read(context: ChannelHandlerContext) {
        if isHolding || !held.isEmpty { isReadHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !isHolding { release(context) }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Answers

    private func send(_ answer: ExpressAnswer, _ context: ChannelHandlerContext) {
        guard let raw else { return context.close(promise: nil) }
        raw.write(NIOAny(answer.head), promise: nil)
        if let body = answer.body { raw.write(NIOAny(body), promise: nil) }
        clock?.answered()
        raw.flush()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where ordinary == 0: return refuse(head, context, promise)
        case .head(let head) where head.status.code >= 200: clock?.answerBegan()
        case .head, .body: break
        case .end:
            ordinary = max(0, ordinary - 1)
            clock?.answered()
        }
        context.write(data, promise: promise)
    }

    /// What those behind say of bytes that are no request, and which no router has seen, has no body of its own.
    private func refuse(_ head: HTTPResponseHead, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?)
    {
        let language = Language(accepting: nil)
        guard head.status == .badRequest, let text = try? Problem(.malformed).json(language: language)
        else { return context.write(wrapOutboundOut(.head(head)), promise: promise) }
        var head = head
        head.headers.replaceOrAdd(name: "content-length", value: "\(text.count)")
        head.headers.add(name: "content-type", value: "application/problem+json")
        head.headers.add(name: "content-language", value: language == .en ? "en" : "de")
        head.headers.add(name: "cache-control", value: "no-store")
        context.write(wrapOutboundOut(.head(head)), promise: promise)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: text)))), promise: nil)
    }

    // MARK: The end

    /// What has begun is answered before the connection ends, also when the client has finished sending.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch mode {
        case .waiting: signals.append(.event(event))
        case _ where !held.isEmpty: signals.append(.event(event))
        case .collecting where event is ChannelShouldQuiesceEvent: signals.append(.event(event))
        case .answering where event is ChannelShouldQuiesceEvent: signals.append(.event(event))
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// What cannot be read is told after the answer to what could.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isHolding || !held.isEmpty { signals.append(.error(error)) } else { context.fireErrorCaught(error) }
    }

    private func releaseSignals(_ context: ChannelHandlerContext) {
        guard !signals.isEmpty, held.isEmpty else { return }
        switch mode {
        case .idle, .passing: break
        case .answering, .collecting, .waiting: return
        }
        let released = signals
        signals = []
        for signal in released {
            switch signal {
            case .event(let event): context.fireUserInboundEventTriggered(event)
            case .error(let error): context.fireErrorCaught(error)
            }
        }
    }
}

/// Puts ``ExpressHandler`` where requests are still as HTTP/1 has them; Hummingbird lets handlers be added only behind that.
final class InstallExpress: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let lanes: [any ExpressLane]
    private let callers: Callers

    init(lanes: [any ExpressLane], callers: Callers) {
        self.lanes = lanes
        self.callers = callers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        if let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) {
            try? pipeline.addHandler(ExpressHandler(lanes: lanes, callers: callers), position: .after(decoder))
        }
        pipeline.removeHandler(self, promise: nil)
    }
}
