import ArgumentParser
import Foundation

/// Drives a running server with a real consultation and holds what it releases against the source.
@main
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chorus-replay",
        abstract: "Replay a Polis consultation against a running server and check every released number.",
        discussion: """
            FOLDER holds comments.csv and votes.csv. A network of its own is made; the command chorus must stand beside this \
            one. Exit code 1 means that a released number does not follow from the source.
            """
    )

    @Argument(help: "Folder with comments.csv and votes.csv.") var folder: String
    @Option(help: "Address of the server, such as http://127.0.0.1:8080.") var server: String
    @Option(help: "The server's data directory, to import members and to mix.") var data: String
    @Option(help: "Take the first so many voters only.") var limitVoters: Int?
    @Option(help: "Take the first so many accepted statements only.") var limitStatements: Int?
    @Option(help: "Process id of the server, to report its CPU time and memory.") var pid: Int?

    func run() async throws {
        let consultation: Consultation
        do {
            consultation = try Consultation(
                comments: String(contentsOfFile: "\(folder)/comments.csv", encoding: .utf8),
                votes: String(contentsOfFile: "\(folder)/votes.csv", encoding: .utf8),
                voterLimit: limitVoters,
                statementLimit: limitStatements
            )
        }
        let started = ContinuousClock.now
        let before = usage()
        let run = ReplayRun(
            consultation,
            client: ReplayClient(server: server),
            operations: Operations(data: data)
        )
        let figures = try await run.run()
        print("members \(figures.members)")
        print("messages \(figures.messages), not covered by tokens \(figures.uncoveredMessages)")
        print("ballots \(figures.ballots)")
        print("contributions \(figures.contributions), published at least \(figures.published)")
        print("cells \(figures.cells), mismatches \(figures.mismatches.count)")
        print("wall time \(ContinuousClock.now - started)")
        if let before, let after = usage() {
            print("server CPU \(after.seconds - before.seconds) s, memory \(after.memory)")
        }
        for mismatch in figures.mismatches { report(mismatch) }
        if !figures.mismatches.isEmpty { throw ExitCode(1) }
    }

    /// CPU seconds and resident memory of the server, from the kernel (proc(5)).
    private func usage() -> (seconds: Double, memory: String)? {
        guard let pid, let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let close = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        let memory = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }?.dropFirst(6) ?? ""
        return ((user + system) / 100, memory.trimmingCharacters(in: .whitespaces))
    }
}
