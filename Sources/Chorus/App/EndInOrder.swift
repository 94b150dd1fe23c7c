import NIOCore
import NIOPosix

/// Lets a server that ends take in what it has accepted before its port closes.
///
/// A connection that is set up while the port closes has nobody left to take it, and NIO ends the process for a channel that
/// is dropped without having been used. So the port stops accepting first, waits until the event loops have been through
/// everything that was begun, and closes then.
final class EndInOrder: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let loops: any EventLoopGroup
    private var isEnding = false

    /// - Parameter loops: those of accepted connections.
    init(loops: any EventLoopGroup) { self.loops = loops }

    func read(context: ChannelHandlerContext) {
        if !isEnding { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isEnding { return unwrapInboundIn(data).close(promise: nil) }
        context.fireChannelRead(data)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if isEnding { return context.close(mode: mode, promise: promise) }
        isEnding = true
        // Setting up takes two ways between the loops; a few more cost microseconds.
        turns(4, on: context.eventLoop).assumeIsolated().whenComplete { _ in context.close(mode: mode, promise: promise)
        }
    }

    /// Every loop has done what it had to do before, so many times over.
    private func turns(_ count: Int, on loop: any EventLoop) -> EventLoopFuture<Void> {
        guard count > 0 else { return loop.makeSucceededVoidFuture() }
        let all = loops.makeIterator().map { $0.submit {} }
        return EventLoopFuture.andAllComplete(all, on: loop).assumeIsolated()
            .flatMap { self.turns(count - 1, on: loop) }.nonisolated()
    }

    /// Puts one before all else that a listening channel does.
    static func added(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let handler = EndInOrder(loops: MultiThreadedEventLoopGroup.singleton)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }
    }
}
