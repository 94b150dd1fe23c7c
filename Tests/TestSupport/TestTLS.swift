import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A connection with TLS, over which a test sends whatever bytes it likes.
final class TestTLS: Sendable {
    private let channel: any Channel
    private let ear: NIOLoopBound<Ear>
    /// The server's own certificate, as DER.
    let certificate: [UInt8]
    /// What was agreed on by ALPN.
    let protocolName: String?

    /// What has come in.
    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        var bytes: [UInt8] = []
        var isOpen = true
        let agreed: EventLoopPromise<String?>

        init(_ agreed: EventLoopPromise<String?>) { self.agreed = agreed }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += Array(unwrapInboundIn(data).readableBytesView)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted(let name)? = event as? TLSUserEvent { agreed.succeed(name) }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            agreed.fail(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            isOpen = false
            agreed.fail(ChannelError.eof)
            context.fireChannelInactive()
        }
    }

    /// Connects and shakes hands; certificates are shown, not judged.
    ///
    /// - Parameters:
    ///   - port: on loopback.
    ///   - protocols: what the client speaks.
    ///   - highest: the newest version of TLS that it speaks; any by default.
    init(port: Int, _ protocols: [String] = ["http/1.1"], highest: TLSVersion? = nil) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = protocols
        configuration.maximumTLSVersion = highest
        configuration.minimumTLSVersion = .tlsv1
        let context = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let agreed = loop.makePromise(of: String?.self)
        let bootstrap = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers(
                    NIOSSLClientHandler(context: context, serverHostname: nil),
                    Ear(agreed)
                )
            }
        }
        do {
            channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
        } catch {
            agreed.fail(error)
            throw error
        }
        protocolName = try await agreed.futureResult.get()
        let certificate = try await channel.nioSSL_peerCertificate().get()
        self.certificate = try certificate?.toDERBytes() ?? []
        ear = try await channel.eventLoop.submit { [channel] in
            NIOLoopBound(try channel.pipeline.syncOperations.handler(type: Ear.self), eventLoop: channel.eventLoop)
        }.get()
    }

    /// Whether the server has not closed it.
    var isOpen: Bool {
        get async throws { try await channel.eventLoop.submit { [ear] in ear.value.isOpen }.get() }
    }

    func send(_ bytes: [UInt8]) async { try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    /// Sends a request of HTTP/1.1 and waits for the end of its answer, which must have no body behind `marker`.
    ///
    /// - Returns: everything that has come in so far.
    func exchange(_ text: String, until marker: String) async throws -> String {
        await send(Array(text.utf8))
        for _ in 0..<1_000 {
            let bytes = try await channel.eventLoop.submit { [ear] in ear.value.bytes }.get()
            let answer = String(decoding: bytes, as: UTF8.self)
            if answer.contains(marker) { return answer }
            try await Task.sleep(for: .milliseconds(10))
        }
        return ""
    }

    /// Waits for the server to close it.
    ///
    /// - Returns: what has come in; `nil` when it is still open after the time given.
    func end(within seconds: Int = 10) async throws -> [UInt8]? {
        for _ in 0..<(seconds * 100) {
            let (isOpen, bytes) = try await channel.eventLoop.submit { [ear] in (ear.value.isOpen, ear.value.bytes) }
                .get()
            if !isOpen { return bytes }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    func close() async { try? await channel.close() }
}

/// A certificate with its key, made by openssl.
struct TestCertificate: Sendable {
    /// Where both stand.
    let directory: URL
    var chain: String { directory.appending(path: "chain.pem").path(percentEncoded: false) }
    var key: String { directory.appending(path: "key.pem").path(percentEncoded: false) }

    /// - Parameters:
    ///   - directory: where its files go; made when it is missing.
    ///   - name: of whom it is.
    ///   - days: for how long it is valid.
    init(in directory: URL, name: String, days: Int = 2) throws {
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "\(days)",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", chain,
        ]
        guard TestProgram.run("openssl", arguments) == 0 else { throw CocoaError(.executableLoad) }
    }
}

/// Programs of the system that tests need.
enum TestProgram {
    /// Runs one to its end, without input and output.
    ///
    /// - Returns: its exit code; -1 when there is no such program.
    static func run(_ program: String, _ arguments: [String]) -> Int32 {
        guard let child = start(program, arguments) else { return -1 }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return (status >> 8) & 0xFF
    }

    /// Starts one with nothing inherited but three descriptors of `/dev/null`.
    static func start(_ program: String, _ arguments: [String]) -> pid_t? {
        let script =
            "for fd in $(seq 3 255); do eval \"exec $fd>&-\"; done; exec \"$0\" \"$@\" </dev/null >/dev/null 2>&1"
        var argv = (["bash", "-c", script, program] + arguments).map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var child: pid_t = 0
        return posix_spawn(&child, "/bin/bash", nil, nil, &argv, environ) == 0 ? child : nil
    }
}
