import Testing

@testable import Chorus

@Suite struct JSONParserTests {
    @Test func valuesAreReadAsTheyStand() throws {
        let value = try JSONParser.parse(Array(#" {"a":[1,-2.5e1,true,null,"\u00e4\ud83d\ude00\n"],"b":{}} "#.utf8))
        #expect(
            value
                == .object([
                    "a": .array([.integer(1), .number(-25), .bool(true), .null, .string("ä😀\n")]), "b": .object([:]),
                ])
        )
    }

    @Test(arguments: [
        "", "{", "[1,]", #"{"a":1,}"#, #"{"a":1,"a":2}"#, "01", "1.", "+1", "nul", "tru", #""\x""#, #""\ud800""#,
        #""\ud800\u0041""#, "\"\u{1}\"", "1 2", "[1 2]", "{a:1}", "1e999", #""\u12g4""#, #"{"a"}"#, "'a'",
    ])
    func whatIsNotStrictJSONIsRefused(_ text: String) {
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse([0x22, 0xC3, 0x28, 0x22]) }
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse([0x22, 0x5C, 0x6E, 0xFF, 0x22]) }
    }

    @Test func nestingIsBounded() {
        let deep = String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
        #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(Array(deep.utf8)) }
    }

    @Test func integersBeyondSixtyFourBitsBecomeNumbers() throws {
        #expect(try JSONParser.parse(Array("123456789012345678901".utf8)) == .number(123_456_789_012_345_683_968))
    }
}
