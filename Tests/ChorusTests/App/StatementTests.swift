import Crypto
import Disclosure
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Every SQL statement is prepared against the migrated schema, and its columns are compared with what its decoder reads.
@Suite struct StatementTests {
    @Test func everyStatementIsPreparedAndItsColumnsMatchItsDecoder() async throws {
        let samples = try Samples()
        try await withServer { server in
            for (kind, statements) in [(DatabaseKind.private, samples.private), (.record, samples.record)] {
                let uri = kind == .private ? server.server.privateURI : server.server.recordURI
                try await withPool(PostgresConfiguration(uri, maximumConnections: 1), logger: server.parts.logger) {
                    pool in
                    for statement in statements { try await check(statement, on: pool) }
                }
            }
        }
    }

    private func check<S: PostgresStatement>(_ statement: S, on pool: PostgresPool) async throws {
        do {
            let described = try await pool.describe(statement)
            let asked = S.Row.self == Void.self ? [] : try S.probe()
            if S.Row.self != Void.self {
                #expect(described.columns.count == asked.count, "\(S.self): number of columns")
            }
            for (column, types) in zip(described.columns, asked) {
                #expect(types.contains(column.type), "\(S.self): column \(column.name) has type \(column.type.oid)")
            }
        } catch {
            Issue.record("\(S.self): \(error)")
        }
    }

    /// What is private to its file is not listed; each of those runs in a test of its feature.
    private static let unlisted: Set<String> = [
        "TouchMembers", "ReadLogSettings", "ReadCommitTimes", "ReadSettings", "RecordMigration", "ReadDatabaseNames",
        "ReadCurrentDatabase", "FindBreaches", "ReserveAnswer", "ReadAnswer",
        "KeepAnswer", "ForgetAnswer", "ReadMigrations", "ReadIsStandby", "ReadUnspread",
    ]

    @Test func noStatementIsForgotten() throws {
        let samples = try Samples()
        let listed = Set((samples.private + samples.record).map { "\(type(of: $0))" })
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources/Chorus")
        let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        var found: Set<String> = []
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift", let text = try? String(contentsOf: file, encoding: .utf8) else {
                continue
            }
            for match in text.matches(of: /struct (\w+): PostgresStatement/) { found.insert(String(match.1)) }
        }
        #expect(found.count > 100)
        #expect(
            found.subtracting(listed).subtracting(Self.unlisted).isEmpty,
            "\(found.subtracting(listed).subtracting(Self.unlisted))"
        )
    }
}

/// One value of every statement.
struct Samples {
    let `private`: [any PostgresStatement]
    let record: [any PostgresStatement]

    private static func read<Input: JSONInput>(_ json: String) throws -> Input { try Fields.read(Array(json.utf8)) }

    init() throws {
        let (id, other, day, now) = (UUID(), UUID(), PostgresDate.sample, Date())
        let bytes = [UInt8](repeating: 1, count: 32)
        let network: NewNetwork = NewNetwork(slug: "a", name: "b", employer: "c")
        let change: NetworkChange = try Self.read("{}")
        let event: NewEvent = try Self.read(
            #"{"title":"a","kind":"meeting","startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T01:00:00Z"}"#
        )
        let eventChange: EventChange = try Self.read("{}")
        let channel: NewChannel = try Self.read(#"{"name":"a","policy":"b","themes":[]}"#)
        let message: AnonymousMessage = try Self.read(
            #"{"channel":"\#(id)","showUnit":false,"text":"a","language":"de"}"#
        )
        let staged = StagedSubmission(network: id, keyId: bytes, nullifier: bytes, digest: bytes, receiptId: bytes)
        let round: NewRound = try Self.read(
            #"{"title":"a","opensAt":"2026-01-01T00:00:00Z","closesAt":"2026-01-02T00:00:00Z","items":[{"text":"a"}]}"#
        )
        let sampleRound = Round(
            id: id,
            title: "a",
            opensAt: now,
            closesAt: now,
            audienceEvent: nil,
            scheme: .s1,
            state: .draft,
            version: 1,
            items: [],
            release: nil
        )
        let draft = Draft(
            network: id,
            id: id,
            state: "draft",
            title: "a",
            text: "b",
            theme: nil,
            unit: nil,
            measure: "c",
            releases: [],
            cells: [],
            number: 1,
            publishedOn: day,
            answerDueOn: day,
            endorsement: nil,
            version: 1
        )
        let recommendation: NewRecommendation = try Self.read(#"{"title":"a","text":"b","measure":"c"}"#)
        let recommendationChange: RecommendationChange = try Self.read("{}")
        let place: EvidencePlace = try Self.read(#"{"release":"\#(id)","table":"item"}"#)
        let answer: NewAnswer = try Self.read(#"{"decision":"accepted","text":"","responsible":"a"}"#)
        let outcome: NewOutcome = try Self.read(#"{"status":"done","text":"a","on":"2026-01-01"}"#)
        let membershipChange: MembershipChange = try Self.read("{}")
        let due = DueRelease(network: id, id: other, isEndorsement: false)
        let pending = FrozenRelease(id: id, round: other, title: "a", closedOn: day, k: 5)
        let cell = PendingCell(
            id: id,
            item: other,
            itemText: "a",
            unit: nil,
            unitName: nil,
            numbers: [5, 0, 0, 100, 50],
            noise: [nil, nil, nil, nil]
        )
        let password = PasswordHash(hash: bytes, salt: bytes, cost: 15)
        let key = try SealedKey(sealingWith: .init(size: .bits256))
        let new = NewKey(
            scope: id,
            kind: .ballot,
            tokensPerMember: 1,
            minSet: 20,
            epoch: "e",
            issueFrom: day,
            issueTo: day,
            redeemTo: day
        )
        let wish = GrantWish(network: id, membership: other, keys: [.init(id: bytes, digest: bytes)])
        let people = [RosterEntry(email: "a@b", displayName: "a", unit: "", locale: .de)]
        let taken = TakenJob(id: id, kind: .forgetExpired, payload: .sample, key: "a", attempt: 1)
        let wanted = try InsertJob(.remindOfAnswers(.init(network: id)), dueAt: now)
        let claim = ClaimTick(tick: now, every: 3_600)
        let data = try DataDirectory(
            FileManager.default.temporaryDirectory.appending(path: "chorus-\(UUID().uuidString)")
        )
        defer { try? FileManager.default.removeItem(atPath: data.path) }
        let peer = try Peer(data, takesAnonymous: true)
        let plan = Plan<UUID>(items: [id], units: [], unplaced: 20, parameters: Parameters())

        let accounts: [any PostgresStatement] = [
            FindBearers(questions: [BearerQuestion(tokenHash: bytes, network: id)], now: now),
            ReadAccountByEmail(email: "a"), ReadAccount(id: id),
            InsertAccount(id: id, email: nil, displayName: "a", locale: .de, password: nil),
            UpdateAccount(id: id, displayName: nil, locale: nil),
            UpdatePassword(id: id, password: password, keeping: bytes),
            DeleteAccount(id: id), ReadAccountNetworks(account: id), ReadOwnMembership(network: id, account: other),
            UpsertConsent(account: id, purpose: .mail, textVersion: "1", day: day),
            WithdrawConsent(account: id, purpose: .mail, day: day), ReadConsents(account: id),
            ReadSessionAccount(tokenHash: bytes),
            InsertAPIToken(tokenHash: bytes, id: id, account: id, name: "a", scopes: [.read], expiresOn: day),
            ReadAPITokens(account: id), DeleteAPIToken(account: id, id: other),
            InsertSession(tokenHash: bytes, account: id, expiresAt: now), ReadSecondFactor(account: id),
            BeginSecondFactor(account: id, sealedSecret: bytes, today: day), TakeStep(account: id, step: 1),
            UseRecoveryCode(account: id, codeHash: bytes), RemoveSecondFactor(account: id, today: day),
            PutSecondFactorInForce(account: id, today: day, keeping: bytes), ForgetSecondFactors(today: day, step: 1),
            ReplaceRecoveryCodes(account: id, hashes: [bytes], today: day),
            EndOtherSessions(account: id, current: bytes),
            DeleteSession(tokenHash: bytes), Ping(),
            ReadOwnSessions(account: id, now: now, current: bytes), EndOwnSession(account: id, id: other),
            LockAccount(id: id), EndCredentials(account: id), BeginAttempt(email: "a"),
            ReadResetSubject(network: id, membership: other),
            SavePasswordReset(network: id, membership: other, codeHash: bytes, today: day, expiresOn: day),
            TakeAttempt(network: id, account: other, today: day),
            UsePasswordReset(network: id, membership: other, today: day), ForgetResets(network: id, today: day),
            ReadOwnResets(network: id, membership: other),
            InsertResetMail(network: id, membership: other, occasion: "a", dueAt: now, spread: 1),
            ReadCalendarOwner(keyHash: bytes, network: id), SaveCalendarKey(account: id, keyHash: bytes),
            DeleteCalendarKey(account: id), LockNumbering(owner: id),
        ]
        let networks: [any PostgresStatement] = [
            ReadNetwork(id: id), ReadNetworkBySlug(slug: "a"),
            ReadNetworks(account: id, isAdmin: false, after: nil, limit: 1),
            ReadAllNetworks(), InsertNetwork(id: id, network: network), LockNetwork(id: id),
            UpdateNetwork(id: id, expected: nil, change: change),
            RaiseNetworkVersion(id: id, expected: nil), ReadUnits(network: id), ReplaceUnits(network: id, units: []),
            ReadKnownReferences(network: id, references: []),
            InsertMembership(network: id, account: other, roles: [.member], displayName: "a"),
            ReadMemberships(network: id, afterName: nil, afterId: nil, limit: 1),
            ReadMembership(network: id, id: other), LockMembership(network: id, id: other),
            UpdateMembership(network: id, id: other, expected: nil, change: membershipChange),
            LockCoordinators(network: id),
            ForgetAuthorship(network: id, membership: other), DeleteMembership(network: id, id: other),
            InsertInvitations(network: id, hashes: [bytes], expiresOn: day, today: day),
            ReadInvitation(network: id, codeHash: bytes, today: day),
            UseInvitation(network: id, codeHash: bytes, today: day), ImportAccounts(people: people),
            ReadRosterAccounts(emails: ["a"]), ImportMemberships(network: id, people: people, accounts: [other]),
            InsertRosterTokens(accounts: [id], credentials: [Credential()], expiresOn: day),
            InsertJoinRequest(network: id, id: id, account: other, text: "a", day: day), ReadJoinRequests(network: id),
            DecideJoinRequest(network: id, id: other, decision: .approved, reason: nil),
        ]
        let events: [any PostgresStatement] = [
            SaveRSVPs(wishes: [RSVPWish(network: id, event: id, member: id, reply: .going)], now: now, sender: ""),
            SendBeat(sender: ""),
            WithdrawAllRSVPs(network: id, membership: other),
            ReadOwnRSVPs(network: id, membership: other),
            ReadAttendees(network: id, event: id, afterName: nil, afterId: nil, limit: 1),
            ReadEvent(network: id, member: id, id: id),
            ReadPageRSVPs(network: id, events: [id]),
            ReadEvents(network: id, member: id, from: nil, to: nil, kind: nil, after: nil, limit: 1),
            ReadAnsweredEvents(network: id, member: id, since: now),
            InsertEvent(
                network: id,
                id: id,
                series: nil,
                organiser: id,
                event: event,
                startsAt: now,
                timeZone: "UTC",
                now: now
            ),
            UpdateEvent(network: id, id: id, expected: nil, change: eventChange, now: now),
            PromoteWaitlist(network: id, event: id),
            CancelEvent(network: id, id: id, now: now),
        ]
        let anonymity: [any PostgresStatement] = [
            ReadKeys(network: id), ReadKeyNetwork(keyId: bytes), ReadDirectoryVersions(network: id),
            LockDirectory(network: id),
            InsertDirectoryVersion(
                network: id,
                version: DirectoryVersion(seq: 1, prev: bytes, bundle: bytes, digest: bytes)
            ),
            ErasePrivateKeys(network: id, today: day), DeleteNullifiers(network: id, today: day),
            InsertKey(network: id, new: new, key: key, seq: 1),
            CloseKeys(network: id, scope: id), ReadEpochs(network: id, scope: id), OpenBatch(id: nil),
            StageSubmissions([try SealedSubmission(staged, batch: id, key: SymmetricKey(size: .bits256))]),
            ReadSpentToken(submission: staged), ReadBatches(), ReadStagedByTag(batch: id, tag: bytes),
            CountStagedReceipts(batches: [id], receiptTags: [bytes]), FindThread(lookup: bytes),
            ReadDialogue(network: id, lookup: bytes),
            LockMixing(), CloseBatch(), claim, IsTickFree(claim: claim), SeePeer(peer: peer), FindStrangers(peer: peer),
            CountPeers(), ForgetPeer(id: id), LockBatch(id: id), ReadInbox(batch: id), DeleteBatch(id: id),
            ReadThreads(network: id, lookups: [bytes]), InsertReplies(network: id, day: day, replies: []),
            DeleteMessages(network: id, lookups: [bytes]),
            CloseMessages(network: id, today: day, waiting: WaitingReplies()),
            DeleteRejected(network: id, today: day, waiting: WaitingReplies()),
            DeleteThreads(network: id, today: day, waiting: WaitingReplies()),
            ReadStagedByReceipt(batch: id, receiptTag: bytes),
            try StageSealed(batch: id, staged: staged, key: .init(size: .bits256)),
            ReadReplies(network: id, message: id),
            CarrySubmissions(batch: id, tags: [], receiptTags: [], sealed: []),
            InsertSpentTokens(network: id, keyIds: [], nullifiers: []), InsertThreads(network: id, threads: []),
            InsertThemeRatings(network: id, submissions: []), GrantTokens(wishes: [wish]),
            CountInbox(),
        ]
        let channels: [any PostgresStatement] = [
            InsertMessages(network: id, day: day, messages: []), CheckMessage(network: id, message: message),
            ReadMessages(network: id, channel: id, state: nil, theme: nil, after: nil, limit: 1),
            ReadMessage(network: id, channel: id, id: id),
            ModerateMessage(
                network: id,
                channel: id,
                id: id,
                from: .open,
                to: .closed,
                reason: nil,
                setsTheme: false,
                theme: nil,
                day: day
            ),
            SaveSummary(network: id, channel: id, id: id, text: "a"),
            InsertChannel(network: id, id: id, channel: channel), ReadChannels(network: id),
        ]
        let rounds: [any PostgresStatement] = [
            InsertRound(network: id, id: id, round: round), ReadRounds(network: id),
            MoveRound(network: id, id: id, from: .draft, to: .open), CountEligible(network: id),
            ReadEventAudience(network: id, event: id), ReadEligible(network: id),
            ReadEarlierAudiences(network: id, round: sampleRound), CheckBallot(network: id, round: id, items: [id]),
            InsertPlan(network: id, round: id, plan: plan), InsertContributions(network: id, numbers: []),
            ReadClosing(network: id), FinishClosing(due: due), ReadPlan(network: id, round: id),
            ReadTallies(network: id, round: id), ReadItemTexts(network: id, round: id),
            InsertPendingRelease(network: id, release: pending),
            InsertPendingCells(network: id, release: id, cells: []), DeleteContributions(network: id, round: id),
            ReadSensitiveThemes(network: id), ReadLedger(network: id, year: 2026),
            InsertLedger(network: id, round: id, year: 2026, epsilon: Epsilon(numerator: 1, denominator: 2)),
            SpendLedger(network: id, round: id, day: day), CloseMonth(network: id, month: "2026-01"),
            ReadThemes(network: id), ReadThemeRatings(network: id), DeleteThemeRatings(network: id, ids: []),
            AgeThemeRatings(network: id), ForgetParticipants(network: id, today: day, askedBefore: day),
            ReadPendingReleases(network: id), ReadPendingCells(network: id, release: id),
            MarkPublished(network: id, release: id),
            InsertDraft(network: id, id: id, new: recommendation, cells: [], day: day), ReadDrafts(network: id),
            UpdateDraft(
                network: id,
                id: id,
                expected: 1,
                change: recommendationChange,
                cells: nil,
                bench: .network,
                day: day
            ),
            PublishDraft(network: id, id: id, dueOn: day, publishedOn: day), CloseEndorsement(network: id, id: id),
        ]
        let vote = Review.Vote(quality: 1, effect: 1)
        let consultation = Consultation(until: day, bodies: ["a"])
        let drafting: [any PostgresStatement] = [
            ReadStanding(network: id, recommendation: id, membership: id),
            ReadCoauthors(network: id, recommendation: id),
            InsertCoauthor(network: id, recommendation: id, membership: id, bench: .science),
            DeleteCoauthor(network: id, recommendation: id, membership: id),
            ReadVersions(draft, before: nil, limit: 1), KeepVersion(network: id, recommendation: id, version: nil),
            ReadComments(network: id, recommendation: id),
            InsertComment(
                network: id,
                recommendation: id,
                membership: id,
                bench: .science,
                id: id,
                version: 1,
                paragraph: 1,
                text: "a",
                day: day
            ),
            ResolveComment(network: id, recommendation: id, id: id, isResolved: true),
            ReadApprovals(network: id, recommendation: id),
            InsertApproval(network: id, recommendation: id, bench: .science, version: 1, day: day),
            DeleteApproval(network: id, recommendation: id, bench: .science),
            ReadPublicationNeeds(network: id, recommendation: id, version: 1, today: day),
            ReadReview(network: id, recommendation: id, membership: id),
            SaveReview(network: id, recommendation: id, until: day, isOpen: true),
            InsertVote(network: id, recommendation: id, membership: id, vote: vote, today: day),
            EndReview(network: id, recommendation: id, version: 1), ReadEndedReview(network: id, recommendation: id),
            ReadConsultation(network: id, recommendation: id),
            SaveConsultation(network: id, recommendation: id, consultation: consultation),
            ReadStatements(network: id, recommendation: id),
            InsertStatement(network: id, recommendation: id, id: id, body: "a", text: "b", today: day),
            ReadCurrentTexts(network: id, recommendations: [id]),
            InsertRevisedDraft(network: id, recommendation: id, id: id, day: day),
            ReadRevisedDraft(network: id, recommendation: id), ReadRevisedTexts(network: id),
            ReadOwnDrafting(network: id, membership: id),
        ]
        let webhook = Webhook(
            id: id,
            url: "https://a.example/",
            events: [],
            createdOn: day,
            sealedSecret: bytes,
            toldUntil: now
        )
        let notice = WebhookNotice(id: id, event: "a", subject: nil, number: nil, day: day)
        let provider = Provider(
            network: id,
            issuer: "a",
            clientId: "b",
            sealedSecret: nil,
            name: "c",
            trustsEmail: false,
            roles: [.member]
        )
        let providers: [any PostgresStatement] = [
            ReadProvider(network: id), SaveProvider(provider: provider), DeleteProvider(network: id),
            TakeAllProviderSessions(network: id), ReadLinkedAccount(network: id, subjectHash: bytes),
            InsertProviderLink(network: id, membership: id, issuer: "a", subjectHash: bytes, today: day),
            ReadProviderLink(network: id, membership: id, tokenHash: bytes),
            DeleteProviderLink(network: id, membership: id),
            InsertProviderSession(network: id, tokenHash: bytes, subjectHash: bytes, sidHash: nil),
            TakeProviderSessions(network: id, subjectHash: bytes, sidHash: nil), EndSessions(tokenHashes: [bytes]),
            UseLogoutToken(network: id, tokenHash: bytes, now: now, forgetAt: now),
            ForgetLogouts(network: id, now: now),
        ]
        let webhooks: [any PostgresStatement] = [
            InsertWebhook(network: id, webhook: webhook), ReadWebhooks(network: id), DeleteWebhook(network: id, id: id),
            InsertDeliveries(network: id, webhook: id, notices: [notice], now: now),
            MoveWebhook(network: id, id: id, toldUntil: now),
            TakeDelivery(network: id, webhook: id, now: now, waits: JobTiming.waits(jitter: 0)),
            EndDelivery(network: id, webhook: id, id: id),
            FailDelivery(network: id, webhook: id, id: id, reason: "a", today: day),
            TidyDeliveries(network: id, webhook: id, now: now, today: day), ReadDeadLetters(network: id, webhook: id),
            RedeliverLetter(network: id, webhook: id, id: id, now: now),
        ]
        let link = Package.Link(
            town: "a",
            network: id,
            recommendation: id,
            number: 1,
            publishedOn: "\(day)",
            stage: .draft,
            on: "\(day)",
            title: "a",
            text: "b",
            measure: "c",
            theme: nil,
            evidence: [],
            previous: nil,
            publicKey: bytes
        )
        let adoption = Adoption(recommendation: id, townId: id, town: "a", stage: .pilot, on: day)
        let packages: [any PostgresStatement] = [
            ReadTrustedTowns(network: id),
            SaveTrustedTown(
                network: id,
                town: TrustedTown(keyId: bytes, publicKey: bytes, name: "a", trustedOn: day)
            ),
            DeleteTrustedTown(network: id, keyId: bytes), InsertTakenDraft(network: id, id: id, link: link, today: day),
            InsertPackage(network: id, package: Package(links: [link]), recommendation: id, today: day),
            ReadPackages(network: id), FindTaken(network: id, origin: link),
            InsertAdoptions(network: id, recommendation: id, adoptions: [adoption]),
            ReadAdoptions(network: id, recommendation: id),
        ]
        let audit: [any PostgresStatement] = [
            AppendAudit(network: id, day: day, event: .export(rows: 1, by: .hr)), ReadAudit(network: id, limit: 1),
            ReadAuditContents(network: id, kind: .answer),
        ]
        let jobs: [any PostgresStatement] = [
            TakeJob(now: now, waits: JobTiming.waits(jitter: 0)), HoldJob(taken: taken), EndJob(id: id), wanted,
            KeepJob(wanted: wanted, latest: now), WakeJob(wanted: wanted), FailJob(taken: taken, reason: "a"),
            GiveUpJobs(now: now),
            RetryJobs(now: now), ReadJobHealth(now: now), DeleteExpiredSessions(now: now), DeleteOldAnswers(today: day),
        ]
        let contacts: NewAnswerDutyContacts = try Self.read(#"{"deputy":null,"bodies":[],"graceDays":14}"#)
        let notifications: [any PostgresStatement] = [
            InsertFollow(network: id, recommendation: id, membership: id),
            DeleteFollow(network: id, recommendation: id, membership: id), ReadFollows(network: id, membership: id),
            ReadMemberNews(network: id, membership: id, window: .upTo(now), limit: 1),
            MarkNewsRead(account: id, until: now), ReadNotification(account: id),
            SaveNotification(account: id, mail: .daily, calendarAlarms: true), ReadAnswerDutyContacts(network: id),
            SaveAnswerDutyContacts(network: id, expected: 1, new: contacts),
            MoveMailSlot(network: id, rhythm: .daily, slot: now, now: now),
            InsertNewsMail(
                network: id,
                window: .upTo(now),
                rhythm: .daily,
                occasion: "a",
                dueAt: now,
                spread: 1,
                recorded: [NewsItem(kind: .answer, subject: id, title: "a", at: now)]
            ),
            InsertReminderMail(
                network: id,
                recommendation: id,
                step: .soon,
                now: now,
                isForHR: true,
                emails: ["a@b"]
            ),
            TakeMail(network: id, now: now, limit: 1), DeleteMail(network: id, id: id),
            PutOffMail(network: id, id: id, dueAt: now), ReadNextMail(network: id), EndMail(account: id),
        ]
        let rules: [any PostgresStatement] = [
            ReadRuleCatalogue(network: id), SaveRuleCatalogue(network: id, content: nil, expected: nil),
            ReadRuleBindings(network: id),
            SaveRuleBinding(network: id, binding: RuleBinding(untouched: "a"), expected: nil),
            ReadRuleItems(network: id), ReadDismissals(network: id, suggestions: []),
            SaveDismissal(network: id, suggestion: id, reason: "a", day: day),
            DeleteDismissal(network: id, suggestion: id), ReadKnownRecommendations(network: id, ids: []),
            ReadThemeSummaries(network: id, theme: id, after: nil, limit: 1),
        ]
        let backups: [any PostgresStatement] = [
            ReadTableDigests(), ReadTablesLeftOut(), ReadServerVersion(), ReadStrangeSession(), ExportSnapshot(),
            ReadTables(),
            ReadIsolatedTables(), MarkRestore(), UnmarkRestore(), ReadRetention(network: id),
            SaveRetention(network: id, rule: "a", days: 1), DeletePastAnswers(network: id, before: day, limit: 1),
            DeletePastEvents(network: id, before: day, limit: 1), DeleteEndedTexts(network: id, before: day, limit: 1),
            DeleteDecidedRequests(network: id, before: day, limit: 1),
            DeleteExpiredInvitations(network: id, before: day, limit: 1), DeleteExpiredTokens(before: day, limit: 1),
            UnlistUsedAccounts(now: now), ReadIdleAccounts(after: nil, now: now, limit: 1),
            ReadPlacedAccounts(accounts: [id]), ReadWaitingAccounts(network: id), UnlistAccounts(accounts: [id]),
            ListUnusedAccounts(accounts: [id], today: day), HoldUnusedAccounts(before: day, limit: 1),
            DeleteUnusedAccounts(accounts: [id]), ReadOwnRows(network: id, account: other),
            ReadOwnTraces(account: id),
            ReadLeavingOfMembers(network: id), ReadLeavingOfModerators(network: id), ReadLeavingMembers(network: id),
            ReadColumns(), CloseLostBatch(id: id),
        ]
        `private` =
            accounts + networks + events + anonymity + channels + rounds + drafting + audit + jobs + notifications
            + rules
            + webhooks + providers + packages + backups
        record = [
            ReadLeavingOfRecord(network: id),
            ReadReleases(network: id), ReadCells(network: id, release: id, table: .item),
            InsertRelease(network: id, release: pending, number: 1),
            InsertCells(network: id, release: id, cells: [cell]),
            InsertSupport(network: id, recommendation: id, cell: cell, now: now), FindCell(network: id, place: place),
            ReadRecommendations(network: id, filter: RecommendationFilter(), today: day),
            ReadEvidence(network: id, recommendations: [id]),
            InsertRecommendation(network: id, draft: draft, now: now),
            InsertAnswer(network: id, recommendation: id, version: 1, answer: answer, today: day, now: now),
            InsertOutcome(network: id, recommendation: id, id: id, outcome: outcome, now: now),
            ReadAnswers(network: id), ReadKnownReleases(network: id, ids: [id]),
            ReadRecordedTexts(network: id, ids: [id]), InsertRevision(text: draft, now: now),
            InsertProvenance(text: draft), ReadProvenance(network: id, recommendations: [id]),
            InsertReview(text: draft, review: .init(ofEarlierText: false)),
            ReadReviews(network: id, recommendations: [id]), InsertPublishedStatements(text: draft, statements: []),
            ReadPublishedStatements(network: id, recommendations: [id]),
            ReadPublishedTexts(network: id, recommendation: id),
            InsertReminders(network: id, today: day, graceDays: 14, now: now),
            CountOwedAnswers(network: id, today: day, graceDays: 14),
            ReadDueReminders(network: id, today: day),
            ReadRecordNews(network: .sample, recommendations: [id], window: .upTo(now), limit: 1),
            ReadReleasedCells(network: id), ReadEvidenceCells(network: id, recommendation: id),
            ReadRecordPosition(), ReadReplayed(position: "0/0"),
            ReadRecordClock(network: id), ReadChanges(network: id, since: now, limit: 1),
        ]
    }
}

extension Network {
    fileprivate static let sample = Network(
        id: UUID(),
        slug: "a",
        name: "a",
        employer: "a",
        timeZone: "Europe/Berlin",
        locale: .de,
        k: 5,
        d: 2,
        minSet: 20,
        keyNoticeDays: 0,
        isRecordPublic: false,
        version: 1
    )
}
