import Hummingbird

extension Request {
    /// Reads the body as `Input`.
    ///
    /// - Parameters:
    ///   - type: what to read.
    ///   - limit: the largest body taken, in bytes; 64 KiB by default.
    /// - Throws: ``Problem`` `unsupportedMediaType`, `tooLarge`, `malformed`, or `invalid` with a pointer for each fault.
    func decode<Input: JSONInput>(_ type: Input.Type = Input.self, limit: Int = 65_536) async throws -> Input {
        try Fields.read(await jsonBytes(limit: limit), as: type)
    }

    /// The bytes of a body that says it is JSON.
    ///
    /// - Parameter limit: the largest body taken, in bytes.
    /// - Throws: ``Problem`` `unsupportedMediaType` or `tooLarge`.
    func jsonBytes(limit: Int) async throws -> [UInt8] {
        guard let type = headers[.contentType]?.prefix(while: { $0 != ";" }).trimmingWhitespace().lowercased(),
            type == "application/json" || type.hasSuffix("+json")
        else { throw Problem(.unsupportedMediaType) }
        if let announced = headers[.contentLength].flatMap(Int.init), announced > limit { throw Problem(.tooLarge) }
        var collected: [UInt8] = []
        for try await chunk in body {
            collected.append(contentsOf: chunk.readableBytesView)
            guard collected.count <= limit else { throw Problem(.tooLarge) }
        }
        return collected
    }
}
