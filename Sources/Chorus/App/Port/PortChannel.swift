import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL

/// What becomes of a connection: refused, or spoken with in HTTP/1.1 or, over TLS, in HTTP/2 where the client can.
struct PortChannel: ServerChildChannel {
    typealias Negotiated = NIONegotiatedHTTPVersion<HTTP1Channel.Value, HTTP2Channel.Value>

    struct Value: ServerChildChannelValue {
        enum Way: Sendable {
            case refused
            case plain(HTTP1Channel.Value)
            case encrypted(EventLoopFuture<Negotiated>)
        }

        let way: Way
        let channel: any Channel
    }

    let http1: HTTP1Channel
    let http2: HTTP2Channel
    let certificates: Certificates?
    let limits: PortLimits
    let connections: Connections

    /// - Parameters:
    ///   - lanes: what is answered without the router, in HTTP/1.1 only: whoever has many hot requests at once has them in
    ///     one connection of HTTP/2, whose framing costs more than the router.
    ///   - callers: decides who asks.
    ///   - certificates: `nil` serves without TLS.
    init(
        responder: @escaping HTTPChannelHandler.Responder,
        lanes: [any ExpressLane],
        callers: Callers,
        certificates: Certificates?,
        limits: PortLimits,
        connections: Connections
    ) {
        http1 = HTTP1Channel(
            responder: responder,
            configuration: .init(
                additionalChannelHandlers: [InstallExpress(lanes: lanes, callers: callers)],
                httpDecoderConfiguration: PortLimits.head
            )
        )
        http2 = HTTP2Channel(
            responder: responder,
            configuration: .init(
                // The client is told to go first; who does not is cut by the connection's own clock.
                idleTimeout: .nanoseconds(limits.idle.nanoseconds / 5 * 4),
                gracefulCloseTimeout: .nanoseconds(limits.drain.nanoseconds),
                streamConfiguration: .init(additionalChannelHandlers: [InstallStreamClock(limits)])
            )
        )
        self.certificates = certificates
        self.limits = limits
        self.connections = connections
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let address = IPAddress(channel.remoteAddress)
        guard connections.enter(address) else { return refuse(channel) }
        channel.closeFuture.whenComplete { _ in connections.leave(address) }
        let clock = ConnectionClock(limits, connections: connections, isEncrypted: certificates != nil)
        do {
            try channel.syncOptions?.setOption(.tcpOption(.unsentBytes), value: limits.unsent)
            try channel.pipeline.syncOperations.addHandler(clock, position: .first)
            guard let certificates else {
                return http1.setup(channel: channel, logger: logger).map { Value(way: .plain($0), channel: channel) }
            }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificates.current))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return negotiate(channel, NIOLoopBound(clock, eventLoop: channel.eventLoop), logger)
    }

    private func negotiate(
        _ channel: any Channel,
        _ clock: NIOLoopBound<ConnectionClock>,
        _ logger: Logger
    ) -> EventLoopFuture<Value> {
        channel.configureHTTP2AsyncSecureUpgrade { channel in
            clock.value.secured()
            return http1.setup(channel: channel, logger: logger)
        } http2ConnectionInitializer: { channel in
            clock.value.speaksStreams()
            return http2.setup(channel: channel, logger: logger)
        }
        .map { Value(way: .encrypted($0), channel: channel) }
    }

    private func refuse(_ channel: any Channel) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let handler = RefuseConnection(isEncrypted: certificates != nil)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
            return Value(way: .refused, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        switch value.way {
        case .refused: try? await value.channel.closeFuture.get()
        case .plain(let channel): await http1.handle(value: channel, logger: logger)
        case .encrypted(let negotiated):
            // Whoever fails to agree, or goes before, has been told by TLS.
            switch try? await negotiated.get() {
            case .http1_1(let channel): await http1.handle(value: channel, logger: logger)
            case .http2(let channel): await http2.handle(value: channel, logger: logger)
            case nil: try? await value.channel.close()
            }
        }
    }
}

/// Says that there are too many connections, where it can be said without a handshake, and closes.
private final class RefuseConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let isEncrypted: Bool

    init(isEncrypted: Bool) { self.isEncrypted = isEncrypted }

    func channelActive(context: ChannelHandlerContext) {
        if !isEncrypted {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.text)), promise: nil)
        }
        context.close(promise: nil)
    }

    private static let text =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
}
