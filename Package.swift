// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target of ours is held to the same rules; see `.swift-format` for the ones a compiler cannot check.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "chorus",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "chorus", targets: ["Command"]),
        .executable(name: "chorus-replay", targets: ["Replay"]),
        .executable(name: "chorus-benchmark-anonymity", targets: ["AnonymityBenchmark"]),
        .executable(name: "chorus-benchmark-server", targets: ["ServerBenchmark"]),
    ],
    // Each range begins with the version all checks ran with when it was chosen, as nobody has tried an earlier one
    // here, and ends before the next major one: up to there the authors promise not to break who uses them. Beside each
    // stands what it is for and what else bounds it; `Dependencies` in the documentation says what would replace it.
    dependencies: [
        // The HTTP server. Without its support for swift-configuration, which would only be compiled.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: ["FullFoundation"]),
        // Options of the command line and their help.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        // Blind signatures (RFC 9474), scrypt, AES-GCM. jwt-kit needs major 4 too.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        // Header fields and methods. Hummingbird's interface is written in them and needs 1.8.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Logs. Hummingbird's and NIO's go to the same place.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        // Figures of the pools, and those that libraries count.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Event loops and HTTP/1 below Hummingbird, which needs 2.101; ours are the hot requests.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        // HTTP/2 for browsers; fixes of denial of service come as minor versions, so not below the one that is tested.
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        // TLS in the server. Carries BoringSSL: what is mended there comes as a patch version.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        // Paths as swift-subprocess takes them.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        // Reads the contract for `/docs` and for tests.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        // Asks other servers: the replayer's and the tests' client, and sign-in's for the provider of a town.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // Starts and ends the parts of a server in their order, as Hummingbird does with its own.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // The replayer calls the program with it; 1.0 is the first that promises an interface.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
        // Checks ID tokens at sign-in. Major 5 is the one on swift-crypto instead of OpenSSL.
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibpq",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]
        ),
        // Foundation compresses nothing on Linux.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(
            name: "Postgres",
            dependencies: [
                "CLibpq",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // Gatherers and codecs are generic: without this each of their callers pays for types that are known only at run time.
            swiftSettings: strict + [
                .strictMemorySafety(), .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
            ]
        ),
        .target(
            name: "AnonymousTokens",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict
        ),
        .target(name: "Disclosure", swiftSettings: strict),
        .target(name: "CSchema", path: "sql"),
        .target(name: "CWebClient"),
        .target(
            name: "Chorus",
            dependencies: [
                "AnonymousTokens", "CSchema", "CWebClient", "CZlib", "Disclosure", "Postgres",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            // Testing is enabled because `swift build -c release` builds the tests' support and benchmarks too.
            swiftSettings: strict + [.unsafeFlags(["-enable-testing"], .when(configuration: .release))]
        ),
        .executableTarget(
            name: "Command",
            dependencies: [
                "Chorus",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "Replay",
            dependencies: [
                "AnonymousTokens", "Disclosure",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "AnonymityBenchmark",
            dependencies: ["AnonymousTokens", "Chorus", .product(name: "Crypto", package: "swift-crypto")],
            path: "Tests/Benchmarks/Anonymity",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ServerBenchmark",
            dependencies: [
                "AnonymousTokens", "Chorus", "Postgres",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Benchmarks/Server/Fixture",
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            dependencies: [
                "Chorus", "Postgres", "AnonymousTokens",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "AnonymousTokensTests",
            dependencies: ["AnonymousTokens", .product(name: "CryptoExtras", package: "swift-crypto")],
            swiftSettings: strict
        ),
        .testTarget(name: "DisclosureTests", dependencies: ["Disclosure", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ReplayTests",
            dependencies: ["Disclosure", "Replay", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ChorusTests",
            dependencies: [
                "AnonymousTokens", "Chorus", "Disclosure", "Postgres", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
    ],
    cLanguageStandard: .c2x
)
