import AnonymousTokens
import Crypto
public import Foundation

/// The files outside the databases: secrets, batch keys, and the embedded server's data.
///
/// What lies here is what a database dump must not contain. Every file is made with mode 0600 in one step, so that
/// there is no moment at which somebody else could read it.
public struct DataDirectory: Sendable {
    /// The directory itself.
    public let path: String

    /// Why the directory cannot be used.
    public enum Failure: Error, CustomStringConvertible {
        /// A file or directory cannot be made or read.
        case unusable(path: String, reason: String)

        /// What the system says, without the name of a file.
        var reason: String {
            switch self {
            case .unusable(_, let reason): "the data directory cannot be used: \(reason)"
            }
        }

        /// What happened and what to do.
        public var description: String {
            switch self {
            case .unusable(let path, let reason):
                "\(path) cannot be used: \(reason). Choose another directory with --data or mend its owner and mode."
            }
        }
    }

    /// Opens the directory and makes it when it is missing.
    ///
    /// - Parameter url: where it is.
    /// - Throws: ``Failure``.
    public init(_ url: URL) throws {
        path = url.standardizedFileURL.path(percentEncoded: false)
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        // PostgreSQL has to pass through when it runs as another user than root.
        try Self.make(trimmed, mode: getuid() == 0 ? 0o711 : 0o700)
        try Self.make(trimmed + "/secrets", mode: 0o700)
        try Self.make(trimmed + "/batch-keys", mode: 0o700)
    }

    /// Where the data directory is when nobody says otherwise.
    public static var standard: URL {
        if getuid() == 0 { return URL(filePath: "/var/lib/chorus") }
        let environment = ProcessInfo.processInfo.environment
        if let data = environment["XDG_DATA_HOME"], !data.isEmpty {
            return URL(filePath: data).appending(path: "chorus")
        }
        return URL(filePath: environment["HOME"] ?? "/tmp").appending(path: ".local/share/chorus")
    }

    /// The path of something in the directory.
    func file(_ name: String) -> String { (path.hasSuffix("/") ? path : path + "/") + name }

    /// Keeps other processes that use this directory out while something is done.
    ///
    /// - Parameters:
    ///   - name: of the lock's file.
    ///   - body: what is done; the end of the process ends the lock too.
    func withLock<Value>(_ name: String, _ body: () async throws -> Value) async throws -> Value {
        let descriptor = open(file(name), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.unusable(path: file(name), reason: "it cannot be locked") }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 { try await Task.sleep(for: .milliseconds(50)) }
        return try await body()
    }

    /// A secret of 32 bytes that is made when it is first asked for and stays the same from then on.
    ///
    /// - Parameter name: the file's name in `secrets/`.
    func secret(_ name: String) throws -> [UInt8] { try kept("secrets/\(name)") }

    /// What tells this directory from one that has copies of its secrets: 32 bytes beside them.
    func identity() throws -> [UInt8] { try kept("directory-id") }

    private func kept(_ name: String) throws -> [UInt8] {
        let file = file(name)
        if let text = try? String(contentsOfFile: file, encoding: .utf8) {
            guard let bytes = Base64URL.decode(text.trimmingWhitespace()), bytes.count == 32 else {
                throw Failure.unusable(path: file, reason: "it does not hold 32 bytes in base64url")
            }
            return bytes
        }
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        do {
            try Self.write(Array(Base64URL.encode(bytes).utf8), to: file)
            return bytes
        } catch Failure.unusable where FileManager.default.fileExists(atPath: file) {
            // Another process made it in the same moment.
            return try kept(name)
        }
    }

    /// Writes a new file of mode 0600 and waits until it is on the disk.
    ///
    /// - Throws: ``Failure`` also when the file is there already.
    static func write(_ bytes: [UInt8], to file: String) throws {
        // First under another name: a file with its name is complete, whenever the process ends.
        let part = "\(file).\(UUID().uuidString)"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(file) }
        let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        let isWritten = written == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        defer { unlink(part) }
        guard isWritten, link(part, file) == 0 else { throw failure(file) }
        syncDirectory(of: file)
    }

    /// Overwrites a file with zeros, waits until they are on the disk, and removes it.
    static func destroy(_ file: String) {
        let descriptor = open(file, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        let zeros = [UInt8](repeating: 0, count: 4_096)
        _ = zeros.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        fsync(descriptor)
        close(descriptor)
        unlink(file)
        syncDirectory(of: file)
    }

    /// Waits until the names in the directory of a file are on the disk.
    static func syncDirectory(of file: String) {
        let directory = open((file as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func make(_ path: String, mode: mode_t) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: Int(mode)]
            )
        } catch {
            throw failure(path)
        }
    }

    private static func failure(_ path: String) -> Failure {
        .unusable(path: path, reason: String(cString: strerror(errno)))
    }
}

/// The secrets of a server, read once when it starts.
struct Secrets: Sendable {
    /// Key of the HMAC under which receipts are looked up.
    let receiptPepper: SymmetricKey
    /// Seals the private parts of signing keys.
    let keySealing: SymmetricKey
    /// Seals remembered answers, together with the client's own key.
    let idempotency: SymmetricKey
    /// Seals accounts in the addresses that end mail.
    let unsubscribing: SymmetricKey
    /// Key of the HMAC that mails are named by.
    let messageIds: SymmetricKey
    /// Seals what notices to HR's systems are signed with.
    let webhookSealing: SymmetricKey
    /// Seals what goes to providers of sign-ins, and hides what comes from them.
    let provider: ProviderKeys
    /// Seals what the codes of second factors come from.
    let secondFactorSealing: SymmetricKey
    /// Signs the cookies by which a browser is known again, and the puzzles of those that are not.
    let guesses: SymmetricKey

    init(_ data: DataDirectory) throws {
        receiptPepper = SymmetricKey(data: try data.secret("receipt-pepper"))
        keySealing = SymmetricKey(data: try data.secret("key-sealing"))
        idempotency = SymmetricKey(data: try data.secret("idempotency"))
        unsubscribing = SymmetricKey(data: try data.secret("unsubscribing"))
        messageIds = SymmetricKey(data: try data.secret("message-ids"))
        webhookSealing = SymmetricKey(data: try data.secret("webhook-sealing"))
        provider = try ProviderKeys(data)
        secondFactorSealing = SymmetricKey(data: try data.secret("second-factor-sealing"))
        guesses = SymmetricKey(data: try data.secret("guesses"))
    }
}
