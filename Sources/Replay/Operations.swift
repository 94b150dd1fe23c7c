import Foundation
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The `chorus` command beside this executable, for what a coordinator's operator does on the machine itself.
struct Operations: Sendable {
    let data: String

    /// Runs it.
    ///
    /// - Returns: its standard output without the last line end.
    /// - Throws: ``ReplayFailure`` with what it wrote when it did not succeed.
    func chorus(_ arguments: String...) async throws -> String {
        let own = CommandLine.arguments.first ?? ""
        let resolved = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? own
        let path = URL(filePath: resolved).deletingLastPathComponent().appending(path: "chorus").path
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: .init(arguments + ["--data", data]),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw ReplayFailure("chorus \(arguments.first ?? "") failed: \(result.standardError)")
        }
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
