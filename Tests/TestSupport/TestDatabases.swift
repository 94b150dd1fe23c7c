@testable import Chorus
import Foundation
import Logging

/// Databases that are copied from templates with the schema in them.
enum TestDatabases {
    private static let templates = Templates()

    static func lease() async throws -> (private: String, record: String) {
        try await templates.prepare()
        let name = "s\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await TestCluster.run("CREATE DATABASE \(name) TEMPLATE chorus_template_private")
        try await TestCluster.run("CREATE DATABASE \(name)_r TEMPLATE chorus_template_record")
        return (TestCluster.uri(name), TestCluster.uri("\(name)_r"))
    }

    private actor Templates {
        private var preparation: Task<Void, any Error>?

        /// Once per process; those who come while it is under way wait for the same task.
        func prepare() async throws {
            if preparation == nil {
                // Unstructured because its first caller must not be able to cancel it for the others.
                preparation = Task { try await Self.make() }
            }
            try await preparation?.value
        }

        private static func make() async throws {
            for kind in DatabaseKind.allCases {
                try await TestCluster.run("CREATE DATABASE chorus_template_\(kind.rawValue)")
            }
            let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-\(UUID().uuidString)")
            let setup = DatabaseSetup(
                privateURI: TestCluster.uri("chorus_template_private"),
                recordURI: TestCluster.uri("chorus_template_record"),
                data: try DataDirectory(directory),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            try await setup.prepare()
            try FileManager.default.removeItem(at: directory)
        }
    }
}
