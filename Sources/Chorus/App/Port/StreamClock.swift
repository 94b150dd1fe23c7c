import NIOCore
import NIOHTTP2

/// Cuts a stream of HTTP/2 whose request or answer takes too long, and tells the clock of its connection that it is there.
final class StreamClock: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let limits: PortLimits
    private var body: Pace?
    private var answerEnd: NIODeadline?
    private var timer: Scheduled<Void>?
    private var connection: ConnectionClock?

    init(_ limits: PortLimits) {
        self.limits = limits
        body = Pace(grace: limits.body, rate: limits.bodyRate)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connection = try? context.channel.parent?.pipeline.syncOperations.handler(type: ConnectionClock.self)
        connection?.streamOpened()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        connection?.streamClosed()
        connection = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .data(let frame):
            body?.take(frame.data.readableBytes)
            if frame.endStream { body = nil }
        case .headers(let frame) where frame.endStream: body = nil
        default: break
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        body?.pause(at: .now())
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        body?.wait(from: .now())
        arm(context)
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if answerEnd == nil {
            answerEnd = .now() + limits.streamAnswer
            arm(context)
        }
        context.write(data, promise: promise)
    }

    private func arm(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        guard let deadline = [body?.deadline, answerEnd].compactMap(\.self).min() else { return }
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(deadline: deadline) { channel.close(promise: nil) }
    }
}

/// Puts ``StreamClock`` where a stream is still as HTTP/2 has it; Hummingbird lets handlers be added only behind that.
final class InstallStreamClock: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limits: PortLimits

    init(_ limits: PortLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        try? pipeline.addHandler(StreamClock(limits), position: .first)
        pipeline.removeHandler(self, promise: nil)
    }
}
