import Testing

@testable import Chorus

@Suite struct LanguageTests {
    @Test(arguments: [
        (nil, Language.de), ("en-GB,de;q=0.5", .en), ("fr", .de), ("fr,en;q=0.1", .en), ("en;q=0", .de),
        ("de-simple", .deSimple), ("de-AT", .de),
    ])
    func theReadersBestLanguageIsChosen(_ header: String?, _ language: Language) {
        #expect(Language(accepting: header) == language)
    }
}
