/// What a person reads of a problem: what happened, what was kept, what to do next.
struct ProblemText {
    let title: String
    let detail: String
}

extension ProblemName {
    /// The text in the reader's language.
    func text(in language: Language) -> ProblemText {
        switch language {
        case .en: english
        case .de, .deSimple: german
        }
    }

    private var english: ProblemText {
        switch self {
        case .malformed:
            .init(
                title: "The request cannot be read",
                detail: "Nothing was stored. Check the form of the request and send it again."
            )
        case .logoutRefused:
            .init(
                title: "The logout token is not believed",
                detail: "Nobody was signed out. Check issuer, client and clock of the provider."
            )
        case .unknownParameter:
            .init(title: "Unknown query parameter", detail: "Nothing was changed. Remove the named parameter.")
        case .identityAttached:
            .init(
                title: "Identity attached",
                detail:
                    "Nothing was stored. Anonymous requests must carry neither cookie nor authorization; send it again without."
            )
        case .unauthenticated:
            .init(title: "Sign in first", detail: "Nothing was changed. Sign in (again) and repeat.")
        case .secondFactorRequired:
            .init(
                title: "A code is needed",
                detail:
                    "You are not signed in yet. Send the code of your app, or a recovery code, as totp beside the password; each is good once."
            )
        case .forbidden:
            .init(
                title: "Not allowed",
                detail: "Nothing was changed. Your role does not include this; ask a coordinator."
            )
        case .crossOrigin:
            .init(
                title: "Request from another site",
                detail: "Nothing was changed. Use the page of this server itself."
            )
        case .notFound:
            .init(title: "Not found", detail: "There is nothing here, or nothing that you may know of.")
        case .methodNotAllowed:
            .init(
                title: "Method not allowed",
                detail: "Nothing was changed. The Allow header lists what this resource understands."
            )
        case .notAcceptable:
            .init(title: "Not acceptable", detail: "This resource cannot be given in the form that was asked for.")
        case .conflict:
            .init(
                title: "Conflict",
                detail: "Nothing was changed: it contradicts what is stored. Read it again, then decide."
            )
        case .alreadyExists:
            .init(
                title: "Exists already",
                detail: "Nothing was changed: there is one already. Use it or choose another name."
            )
        case .rsvpClosed:
            .init(
                title: "Answers are closed",
                detail: "Your earlier answer was kept. Write to the organiser if it must change."
            )
        case .eventCancelled:
            .init(title: "The event is cancelled", detail: "No answer is needed any more.")
        case .alreadyGranted:
            .init(
                title: "Already granted",
                detail: "Your tokens of this period were issued before; each can be had once."
            )
        case .tokenSpent:
            .init(
                title: "Token already used",
                detail: "Nothing new was stored: this token has been used. Take another one."
            )
        case .stateConflict:
            .init(
                title: "Not in this state",
                detail: "Nothing was changed: it is no longer (or not yet) in a state that allows this. Read it again."
            )
        case .resetByOperator:
            .init(
                title: "Coordinators cannot reset this password",
                detail: "Nothing was changed. Ask those who run the server; they can."
            )
        case .lastSignIn:
            .init(
                title: "This is your only way in",
                detail:
                    "Nothing was changed: you have no password. Ask a coordinator for a code, set a password with it; that ends this link too."
            )
        case .consentOutdated:
            .init(
                title: "The text has changed",
                detail: "Nothing was stored. Read the text that is in force now, then agree to it or do not."
            )
        case .idempotencyInProgress:
            .init(
                title: "Still being done",
                detail: "The first request with this Idempotency-Key is under way. Ask again in a moment."
            )
        case .keyClosed:
            .init(
                title: "Key closed",
                detail:
                    "Nothing was stored: the period of this token is over. Take a token of the current one; your text stays with you."
            )
        case .stale:
            .init(
                title: "Somebody was faster",
                detail: "Nothing was changed: it has a newer version. Read it, then repeat your change."
            )
        case .directoryChanged:
            .init(
                title: "The key directory changed",
                detail: "Nothing was issued. Fetch the directory again and compare."
            )
        case .tooLarge:
            .init(title: "Too large", detail: "Nothing was stored. Shorten it and send it again.")
        case .unsupportedMediaType:
            .init(title: "Unsupported media type", detail: "Nothing was stored. Send application/json.")
        case .invalid:
            .init(
                title: "Some fields are not right",
                detail: "Nothing was stored. Mend the named fields and send it again."
            )
        case .invalidToken:
            .init(
                title: "The token is not valid",
                detail: "Nothing was stored. The token does not fit this place or period, or is damaged."
            )
        case .invitationUnknown:
            .init(
                title: "Unknown invitation",
                detail:
                    "Nothing was stored. The code is wrong, used or expired, or your address has an account already: sign in with it. Otherwise ask your coordinator for another code."
            )
        case .passwordRefused:
            .init(
                title: "Choose another password",
                detail: "Nothing was stored. It needs at least 12 characters and must not be a well-known one."
            )
        case .resetRefused:
            .init(
                title: "The password was not changed",
                detail:
                    "Address and code do not belong together, or the code is used, expired or was tried too often. Ask your coordinator for another."
            )
        case .idempotencyMismatch:
            .init(
                title: "Idempotency-Key used before",
                detail: "Nothing was stored: this key came with another request. Use a new one."
            )
        case .admissionRefused:
            .init(
                title: "The round cannot be opened",
                detail: "Nothing was opened: an admission rule protects the people asked. The errors name the rule."
            )
        case .approvalMissing:
            .init(
                title: "A yes is missing",
                detail:
                    "Nothing was published. The named benches have not agreed with this version yet; a changed text needs a new yes."
            )
        case .provenanceMissing:
            .init(
                title: "Where it comes from is missing",
                detail:
                    "Nothing was published. Say of the named paragraphs where they come from: a release, a summary, a log or a hearing."
            )
        case .windowOpen:
            .init(
                title: "Others still have time",
                detail:
                    "Nothing was published. The panel or the advisory bodies may still speak; wait, or end it earlier."
            )
        case .windowClosed:
            .init(title: "The time has passed", detail: "Nothing was stored. Ask the coordinator for more time.")
        case .revisionTooEarly:
            .init(
                title: "Too soon after the last text",
                detail:
                    "Nothing was published. Four weeks lie between two texts, so that their votes cannot be held against each other."
            )
        case .evidenceNotReleased:
            .init(
                title: "Evidence is not released",
                detail: "Nothing was stored. Evidence may only name cells of a release."
            )
        case .packageRefused:
            .init(
                title: "The package is refused",
                detail: "Nothing was stored. It is not as a town that you trust has signed it; the errors say where."
            )
        case .setTooSmall:
            .init(
                title: "Too few voices yet",
                detail:
                    "Nothing was stored, so that nobody stands alone. Keep your draft; it can be sent when more members have taken tokens."
            )
        case .preconditionRequired:
            .init(
                title: "If-Match is missing",
                detail: "Nothing was changed. Read the resource and send its ETag as If-Match."
            )
        case .tooManyRequests:
            .init(title: "Too many requests", detail: "Nothing was changed. Wait for the time in Retry-After.")
        case .challengeRequired:
            .init(
                title: "One moment, please",
                detail:
                    "Nothing was changed and nothing was lost. Many ask at once; your program has to calculate a little and send the same again."
            )
        case .internal:
            .init(
                title: "Our mistake",
                detail: "Nothing was confirmed. Try again; if it stays, give the requestId to whoever runs this server."
            )
        case .providerUnavailable:
            .init(
                title: "The provider does not answer",
                detail: "Nothing was stored. Try again later, or sign in with your password."
            )
        case .unavailable:
            .init(
                title: "Not available for a moment",
                detail: "Nothing was stored. Try again after the time in Retry-After."
            )
        }
    }

    private var german: ProblemText {
        switch self {
        case .malformed:
            .init(
                title: "Die Anfrage ist nicht lesbar",
                detail: "Es wurde nichts gespeichert. Bitte die Form prüfen und erneut senden."
            )
        case .logoutRefused:
            .init(
                title: "Das Logout-Token wird nicht geglaubt",
                detail: "Es wurde niemand abgemeldet. Bitte Aussteller, Client und Uhr des Anbieters prüfen."
            )
        case .unknownParameter:
            .init(
                title: "Unbekannter Parameter",
                detail: "Es wurde nichts geändert. Bitte den genannten Parameter weglassen."
            )
        case .identityAttached:
            .init(
                title: "Absender erkennbar",
                detail:
                    "Es wurde nichts gespeichert. Anonyme Anfragen dürfen weder Cookie noch Anmeldung tragen; bitte ohne sie senden."
            )
        case .unauthenticated:
            .init(title: "Bitte anmelden", detail: "Es wurde nichts geändert. Bitte (erneut) anmelden und wiederholen.")
        case .secondFactorRequired:
            .init(
                title: "Ein Code ist nötig",
                detail:
                    "Sie sind noch nicht angemeldet. Bitte den Code Ihrer App oder einen Ersatzcode als totp neben dem Passwort senden; jeder gilt einmal."
            )
        case .forbidden:
            .init(
                title: "Nicht erlaubt",
                detail: "Es wurde nichts geändert. Ihre Rolle umfasst das nicht; fragen Sie die Koordination."
            )
        case .crossOrigin:
            .init(
                title: "Anfrage von einer fremden Seite",
                detail: "Es wurde nichts geändert. Bitte die Seite dieses Servers selbst benutzen."
            )
        case .notFound:
            .init(title: "Nicht gefunden", detail: "Hier ist nichts, oder nichts, wovon Sie wissen dürfen.")
        case .methodNotAllowed:
            .init(
                title: "Methode nicht erlaubt",
                detail: "Es wurde nichts geändert. Der Kopf Allow nennt, was hier möglich ist."
            )
        case .notAcceptable:
            .init(title: "Form nicht verfügbar", detail: "In der verlangten Form gibt es diesen Inhalt nicht.")
        case .conflict:
            .init(
                title: "Widerspruch",
                detail:
                    "Es wurde nichts geändert: Es widerspricht dem Gespeicherten. Bitte neu lesen, dann entscheiden."
            )
        case .alreadyExists:
            .init(
                title: "Gibt es schon",
                detail: "Es wurde nichts geändert. Bitte das Vorhandene nutzen oder anders benennen."
            )
        case .rsvpClosed:
            .init(
                title: "Die Rückmeldefrist ist vorbei",
                detail: "Ihre frühere Antwort gilt weiter. Schreiben Sie der Organisation, falls sie sich ändern muss."
            )
        case .eventCancelled:
            .init(title: "Die Veranstaltung ist abgesagt", detail: "Eine Rückmeldung ist nicht mehr nötig.")
        case .alreadyGranted:
            .init(
                title: "Schon ausgegeben",
                detail: "Ihre Marken für diesen Zeitraum wurden bereits ausgegeben; jede gibt es einmal."
            )
        case .tokenSpent:
            .init(
                title: "Marke schon benutzt",
                detail: "Es wurde nichts Neues gespeichert: Diese Marke ist verbraucht. Bitte eine andere nehmen."
            )
        case .stateConflict:
            .init(
                title: "In diesem Stand nicht möglich",
                detail: "Es wurde nichts geändert: Der Stand lässt das nicht (mehr) zu. Bitte neu lesen."
            )
        case .resetByOperator:
            .init(
                title: "Die Koordination kann dieses Passwort nicht zurücksetzen",
                detail: "Es wurde nichts geändert. Bitte wenden Sie sich an die Stelle, die den Server betreibt."
            )
        case .lastSignIn:
            .init(
                title: "Das ist Ihr einziger Zugang",
                detail:
                    "Es wurde nichts geändert: Sie haben kein Passwort. Bitten Sie die Koordination um einen Code und setzen Sie damit ein Passwort; das beendet auch diese Verknüpfung."
            )
        case .consentOutdated:
            .init(
                title: "Der Text hat sich geändert",
                detail:
                    "Es wurde nichts gespeichert. Bitte lesen Sie den Text, der jetzt gilt, und stimmen Sie dann zu oder nicht."
            )
        case .idempotencyInProgress:
            .init(
                title: "Noch in Arbeit",
                detail: "Die erste Anfrage mit diesem Idempotency-Key läuft noch. Bitte gleich noch einmal fragen."
            )
        case .keyClosed:
            .init(
                title: "Zeitraum vorbei",
                detail:
                    "Es wurde nichts gespeichert: Der Zeitraum dieser Marke ist vorbei. Nehmen Sie eine neue; Ihr Text bleibt bei Ihnen."
            )
        case .stale:
            .init(
                title: "Jemand war schneller",
                detail:
                    "Es wurde nichts geändert: Es gibt eine neuere Fassung. Bitte lesen, dann Ihre Änderung wiederholen."
            )
        case .directoryChanged:
            .init(
                title: "Das Schlüsselverzeichnis hat sich geändert",
                detail: "Es wurde nichts ausgegeben. Bitte das Verzeichnis neu laden und vergleichen."
            )
        case .tooLarge:
            .init(title: "Zu groß", detail: "Es wurde nichts gespeichert. Bitte kürzen und erneut senden.")
        case .unsupportedMediaType:
            .init(
                title: "Format nicht unterstützt",
                detail: "Es wurde nichts gespeichert. Bitte application/json senden."
            )
        case .invalid:
            .init(
                title: "Einige Angaben stimmen nicht",
                detail: "Es wurde nichts gespeichert. Bitte die genannten Felder berichtigen und erneut senden."
            )
        case .invalidToken:
            .init(
                title: "Die Marke ist nicht gültig",
                detail:
                    "Es wurde nichts gespeichert. Die Marke passt nicht hierher oder zu diesem Zeitraum, oder sie ist beschädigt."
            )
        case .invitationUnknown:
            .init(
                title: "Einladung unbekannt",
                detail:
                    "Es wurde nichts gespeichert. Der Code ist falsch, benutzt oder abgelaufen, oder Ihre Adresse hat schon ein Konto: dann bitte damit anmelden. Sonst bitte einen neuen Code bei der Koordination holen."
            )
        case .passwordRefused:
            .init(
                title: "Bitte ein anderes Passwort",
                detail:
                    "Es wurde nichts gespeichert. Es braucht mindestens 12 Zeichen und darf kein allgemein bekanntes sein."
            )
        case .resetRefused:
            .init(
                title: "Das Passwort wurde nicht geändert",
                detail:
                    "Adresse und Code gehören nicht zusammen, oder der Code ist benutzt, abgelaufen oder zu oft versucht worden. Bitte einen neuen bei der Koordination holen."
            )
        case .idempotencyMismatch:
            .init(
                title: "Idempotency-Key schon benutzt",
                detail:
                    "Es wurde nichts gespeichert: Dieser Schlüssel kam mit einer anderen Anfrage. Bitte einen neuen nehmen."
            )
        case .admissionRefused:
            .init(
                title: "Die Runde kann nicht öffnen",
                detail:
                    "Es wurde nichts geöffnet: Eine Zulassungsregel schützt die Befragten. Die Fehler nennen die Regel."
            )
        case .approvalMissing:
            .init(
                title: "Eine Zustimmung fehlt",
                detail:
                    "Es wurde nichts veröffentlicht. Die genannten Bänke haben dieser Fassung noch nicht zugestimmt; eine geänderte Fassung braucht eine neue Zustimmung."
            )
        case .provenanceMissing:
            .init(
                title: "Die Herkunft fehlt",
                detail:
                    "Es wurde nichts veröffentlicht. Sagen Sie bei den genannten Absätzen, woher sie kommen: Veröffentlichung, Zusammenfassung, Protokoll oder Anhörung."
            )
        case .windowOpen:
            .init(
                title: "Andere haben noch Zeit",
                detail:
                    "Es wurde nichts veröffentlicht. Das Fachgremium oder die Beiräte können sich noch äußern; warten Sie, oder beenden Sie die Frist früher."
            )
        case .windowClosed:
            .init(
                title: "Die Frist ist vorbei",
                detail: "Es wurde nichts gespeichert. Bitten Sie die Koordination um mehr Zeit."
            )
        case .revisionTooEarly:
            .init(
                title: "Zu früh nach der letzten Fassung",
                detail:
                    "Es wurde nichts veröffentlicht. Zwischen zwei Fassungen liegen vier Wochen, damit ihre Stimmen nicht gegeneinander gehalten werden können."
            )
        case .evidenceNotReleased:
            .init(
                title: "Beleg nicht veröffentlicht",
                detail: "Es wurde nichts gespeichert. Belege dürfen nur Zellen einer Veröffentlichung nennen."
            )
        case .packageRefused:
            .init(
                title: "Das Paket wird nicht angenommen",
                detail:
                    "Es wurde nichts gespeichert. Das Paket ist nicht so, wie eine Stadt, der Sie vertrauen, es signiert hat; die Fehler nennen die Stelle."
            )
        case .setTooSmall:
            .init(
                title: "Noch zu wenige Stimmen",
                detail:
                    "Es wurde nichts gespeichert, damit niemand allein steht. Ihr Entwurf bleibt bei Ihnen; er kann gesendet werden, wenn mehr Mitglieder Marken haben."
            )
        case .preconditionRequired:
            .init(
                title: "If-Match fehlt",
                detail: "Es wurde nichts geändert. Bitte zuerst lesen und das ETag als If-Match senden."
            )
        case .tooManyRequests:
            .init(
                title: "Zu viele Anfragen",
                detail: "Es wurde nichts geändert. Bitte die Zeit in Retry-After abwarten."
            )
        case .challengeRequired:
            .init(
                title: "Einen Moment bitte",
                detail:
                    "Es wurde nichts geändert und nichts ging verloren. Viele fragen gleichzeitig; Ihr Programm muss etwas rechnen und dasselbe noch einmal senden."
            )
        case .internal:
            .init(
                title: "Unser Fehler",
                detail:
                    "Es wurde nichts bestätigt. Bitte erneut versuchen; bleibt es so, geben Sie die requestId an den Betrieb."
            )
        case .providerUnavailable:
            .init(
                title: "Der Anbieter antwortet nicht",
                detail:
                    "Es wurde nichts gespeichert. Bitte später noch einmal versuchen oder mit dem Passwort anmelden."
            )
        case .unavailable:
            .init(
                title: "Gerade nicht erreichbar",
                detail: "Es wurde nichts gespeichert. Bitte nach der Zeit in Retry-After erneut versuchen."
            )
        }
    }
}
