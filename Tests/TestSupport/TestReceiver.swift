import Foundation
import Synchronization

/// A system of HR that is told of something: a server on loopback that answers what a test wants.
final class TestReceiver: Sendable {
    /// What it was told once.
    struct Notice: Sendable {
        /// By lower-case name.
        let headers: [String: String]
        let body: String
    }

    private final class Told: Sendable {
        let notices = Mutex<[Notice]>([])
        /// What is answered, by how often it was asked before; `nil` never comes to an end.
        let answer: Mutex<@Sendable (Int) -> Int?>

        init(_ answer: @escaping @Sendable (Int) -> Int?) { self.answer = Mutex(answer) }
    }

    private let state: Told
    private let listener: TestListener

    /// - Parameter answer: status code by how often it was asked before; `nil` leaves the sender waiting.
    init(answer: @escaping @Sendable (Int) -> Int?) throws {
        let state = Told(answer)
        self.state = state
        listener = try TestListener { request in
            let before = state.notices.withLock { notices in
                notices.append(Notice(headers: request.headers, body: request.body))
                return notices.count - 1
            }
            return state.answer.withLock { $0 }(before).map { TestListener.reply($0) }
        }
    }

    /// Where it listens on loopback.
    var port: Int { listener.port }
    /// Where it is told, as a webhook has it.
    var url: String { "http://127.0.0.1:\(port)/hook" }
    /// What it was told, in order.
    var told: [Notice] { state.notices.withLock { $0 } }

    /// Answers otherwise from now on.
    func answer(_ answer: @escaping @Sendable (Int) -> Int?) { state.answer.withLock { $0 = answer } }

    /// Waits until it was told so often.
    func wait(for count: Int, seconds: Int = 30) async throws -> [Notice] {
        for _ in 0..<(seconds * 20) where told.count < count { try await Task.sleep(for: .milliseconds(50)) }
        return told
    }

    func close() { listener.close() }
}
