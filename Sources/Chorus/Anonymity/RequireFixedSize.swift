import AnonymousTokens

extension FixedSize {
    /// - Throws: ``Problem`` `invalid` at `/pad` unless the body has one of the sizes.
    static func require(_ body: [UInt8]) throws(Problem) {
        guard all.contains(body.count) else {
            throw Problem.invalid("/pad", "must fill the body to exactly 2048, 8192 or 32768 bytes")
        }
    }
}
