import Foundation
import Synchronization

/// Writes what servers answer as JSON lines, if `TEST_ANSWERS` names a file; the contract is held against it.
final class AnswerRecord: Sendable {
    static let shared = ProcessInfo.processInfo.environment["TEST_ANSWERS"].flatMap { AnswerRecord($0) }

    private struct Line: Encodable {
        let method: String
        let path: String
        let status: Int
        let type: String?
        let body: Data
    }

    private let file: Mutex<FileHandle>

    private init?(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        file = Mutex(FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }

    func add(_ method: String, _ path: String, _ reply: TestReply) {
        // What a browser asks before a request (CORS) is no part of the contract.
        if method == "OPTIONS" { return }
        // The contract is about what is said, not about how it is packed; the same is recorded unpacked.
        if reply.headers["content-encoding"] != nil { return }
        let type = reply.headers["content-type"]
        let line = Line(method: method, path: path, status: reply.status, type: type, body: reply.body)
        guard let json = try? JSONEncoder().encode(line) else { return }
        file.withLock { try? $0.write(contentsOf: json + Data("\n".utf8)) }
    }
}
