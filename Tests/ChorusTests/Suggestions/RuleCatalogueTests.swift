import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The file format of rules, and the set that travels with the program.
@Suite struct RuleCatalogueTests {
    private static let rule = """
        {"key":"parken","group":"Parken","words":["park"],"of":"round","table":"item-unit",\
        "condition":{"value":"negative","comparison":"atLeast","threshold":0.4,"releases":2,"atLeast":10},\
        "texts":{"de":{"title":"Parken in {unit}","text":"{value} bei {item}","measure":"Plätze"}}}
        """

    private func catalogue(_ rule: String) -> String {
        "{\"format\":\"chorus-rules-1\",\"name\":\"a\",\"rules\":[\(rule)]}"
    }

    private func faults(_ json: String) -> [String] {
        do throws(Problem) {
            _ = try Fields.read(Array(json.utf8), as: RuleCatalogue.self)
            return []
        } catch {
            return error.errors.map(\.pointer)
        }
    }

    @Test func theStarterSetIsReadAndSpeaksAllLanguagesForEveryTheme() throws {
        let starter = try #require(RuleCatalogue.starter)
        let groups: Set = ["recruiting", "promotion", "racism", "accessibility", "language", "onboarding"]
        #expect(Set(starter.rules.map(\.group)) == groups)
        for rule in starter.rules {
            let titles = Language.allCases.compactMap { rule.text(in: $0)?.title?.filled([:]) }
            #expect(Set(titles).count == Language.allCases.count, "\(rule.key) says the same in two languages")
            #expect(rule.condition.releases >= 2, "\(rule.key): one survey is no pattern")
            #expect(rule.condition.atLeast >= 10 && !rule.words.isEmpty)
        }
    }

    @Test func whatIsUnknownOrWrongIsNamedByItsPlace() {
        #expect(faults(catalogue(Self.rule)).isEmpty)
        let wrong: [(String, String, String)] = [
            ("\"group\"", "\"colour\":1,\"group\"", "/rules/0/colour"),
            ("\"value\":\"negative\"", "\"value\":\"red\"", "/rules/0/condition/value"),
            ("\"releases\":2", "\"releases\":0", "/rules/0/condition/releases"),
            ("0.4", "0.405", "/rules/0/condition/threshold"), ("0.4", "40", "/rules/0/condition/threshold"),
            ("0.4", "\"0.4\"", "/rules/0/condition/threshold"),
            ("\"threshold\":0.4,", "", "/rules/0/condition/threshold"),
            ("{value} bei", "{colour} bei", "/rules/0/texts/de/text"),
            ("{value} bei", "{value", "/rules/0/texts/de/text"),
            ("\"item-unit\"", "\"item\"", "/rules/0/texts"), ("\"de\"", "\"fr\"", "/rules/0/texts/fr"),
            ("\"key\":\"parken\"", "\"key\":\"Par ken\"", "/rules/0/key"),
            ("\"releases\":2", "\"releases\":2,\"colour\":1", "/rules/0/condition/colour"),
        ]
        for (good, bad, pointer) in wrong {
            let broken = Self.rule.replacing(good, with: bad)
            #expect(broken != Self.rule)
            #expect(faults(catalogue(broken)).contains(pointer), "\(bad): \(faults(catalogue(broken)))")
        }
        #expect(faults(catalogue("\(Self.rule),\(Self.rule)")) == ["/rules"], "a key twice")
        #expect(faults(catalogue(Self.rule).replacing("rules-1", with: "rules-2")) == ["/format"])
    }

    @Test func aThresholdIsOfTheValueItIsSaidOf() {
        #expect(RuleValue.negative.units(of: 0.29) == 29)
        #expect(RuleValue.mean.units(of: 2.3) == 23)
        #expect(RuleValue.mean.units(of: 0.4) == nil)
        #expect(RuleValue.positive.units(of: 1.01) == nil)
        for units in 0...100 {
            let number = RuleValue.neutral.number(of: units)
            #expect(RuleValue.neutral.units(of: number) == units)
        }
    }

    @Test func whatIsFilledInIsNotLookedAtForBlanksAgain() throws {
        let template = try #require(RuleTemplate("{item} in {unit}: {value}"))
        #expect(template.filled([.item: "{unit}", .unit: "}{", .value: "5 %"]) == "{unit} in }{: 5 %")
        #expect(RuleTemplate("} {item}") == nil)
        #expect("aäöü".shortened(to: 3) == "aä…")
        #expect("aäö".shortened(to: 3) == "aäö")
    }
}
