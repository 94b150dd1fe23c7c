import Foundation
import NIOCore
import NIOHTTP1

/// Cuts connections whose clients take too long; stands nearest to the socket and carries out what ``Patience`` decides.
final class ConnectionClock: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connections: Connections
    private var patience: Patience
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?
    private var context: ChannelHandlerContext?

    init(_ limits: PortLimits, connections: Connections, isEncrypted: Bool) {
        self.connections = connections
        patience = Patience(limits, isEncrypted: isEncrypted, at: .now())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { look() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        look()
        context.fireChannelActive()
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        patience.came(unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if patience.isReceiving { patience.pause(at: .now()) }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if patience.isReceiving {
            patience.wait(from: .now())
            look()
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        patience.blocked(by: context.channel.isWritable ? nil : Self.buffered(context.channel), at: .now())
        look()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            patience.serverEnds(at: .now())
            look()
        }
        context.fireUserInboundEventTriggered(event)
    }

    private static func buffered(_ channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0
    }

    // MARK: What handlers behind tell

    func secured() { patience.secured(at: .now()) }
    func headRead() { patience.headRead() }
    func requestRead() { patience.requestRead(at: .now()) }
    func answerBegan() { patience.answerBegan() }
    func answered() { patience.answered(at: .now()) }
    func speaksStreams() { patience.speaksStreams(at: .now()) }
    func streamOpened() { patience.streamOpened() }

    func streamClosed() {
        patience.streamClosed(at: .now())
        look()
    }

    // MARK: Time

    private func look() {
        guard let context, context.channel.isActive else { return }
        let now = NIODeadline.now()
        let verdict = patience.verdict(at: now, isCrowded: connections.areCrowded) { Self.buffered(context.channel) }
        switch verdict {
        case .cut(let explains): cut(context, explains: explains)
        case .wait(let until): arm(min(until ?? .distantFuture, now + patience.limits.look), context)
        }
    }

    /// One that comes early looks again, so that requests need not move it.
    private func arm(_ deadline: NIODeadline, _ context: ChannelHandlerContext) {
        if let timer, timer.at <= deadline { return }
        timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.timer = nil
            self?.look()
        }
        timer = (deadline, task)
    }

    private func cut(_ context: ChannelHandlerContext, explains: Bool) {
        if explains,
            let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        {
            encoder.writeAndFlush(NIOAny(ByteBuffer(string: Self.timeOut)), promise: nil)
        }
        // What is not taken goes at once: after an ordinary end the system would go on offering it for a quarter of an hour.
        if !context.channel.isWritable, let socket = context.channel as? any SocketOptionProvider {
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        context.close(promise: nil)
    }

    /// RFC 9110, section 15.5.9.
    private static let timeOut = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
}
