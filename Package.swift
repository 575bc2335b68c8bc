// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every target of ours: Swift 6 mode (by the tools version), three upcoming features, and
/// warnings that stop the build.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "outtray",
    products: [
        .executable(name: "outtray", targets: ["outtray"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // In flow order; imports point one way, and CI checks that none is used without being declared here.
        .target(name: "CLinux"),
        .target(name: "CPage", exclude: ["page"]),
        .target(name: "CPostgres"),
        .target(name: "CRelease"),
        .target(name: "Threads", dependencies: ["CLinux", collections, system]),
        .target(name: "Watch", dependencies: ["CLinux", "Threads", collections, lifecycle, logging, system]),
        .target(
            name: "Pipeline",
            dependencies: ["CLinux", "Threads", "Watch", crypto, heap, lifecycle, logging, nio, system]
        ),
        .target(name: "Ledger", dependencies: ["Pipeline", "Threads", "Watch", grdb, grdbSQLite, logging, system]),
        .target(
            name: "Providers",
            dependencies: ["Pipeline", "Threads", asyncHTTPClient, logging, nio, nioHTTP1, nioPosix, nioSSL]
        ),
        .target(
            name: "Fleet",
            dependencies: ["CPostgres", "Pipeline", "Threads", collections, logging, system]
        ),
        .target(name: "Sandbox", dependencies: ["Threads", crypto, hummingbird, lifecycle, logging, nio]),
        .target(
            name: "Control",
            dependencies: [
                "CLinux", "CPage", "Pipeline", "Threads", "Watch", asyncHTTPClient, crypto, httpTypes, hummingbird,
                hummingbirdCore, hummingbirdTLS, lifecycle, logging, metrics, nio, nioHTTP1, nioHTTPTypes, nioSSL,
                system,
            ]
        ),
        .executableTarget(
            name: "outtray",
            dependencies: [
                "CLinux", "CRelease", "Control", "Fleet", "Ledger", "Threads", "Pipeline", "Providers", "Sandbox",
                "Watch",
                argumentParser, lifecycle, logging, subprocess, system, unixSignals, yams,
            ]
        ),
        // Measures single parts. No product: only packaging/bench builds it in release.
        .executableTarget(
            name: "Benchmarks",
            dependencies: ["Ledger", "Pipeline", "Threads", "Watch", logging, system]
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CLinux", "Threads", "Pipeline", logging, nio, nioHTTP1, nioPosix, nioSSL, system],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "ThreadsTests", dependencies: ["TestSupport", "Threads"]),
        .testTarget(
            name: "WatchTests",
            dependencies: ["CLinux", "Threads", "TestSupport", "Watch", lifecycle, logging, system]
        ),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "CLinux", "Ledger", "Threads", "Pipeline", "Sandbox", "TestSupport", "Watch", crypto, logging, system,
            ]
        ),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Ledger", "Threads", "Pipeline", "TestSupport", "Watch", grdb, logging, system]
        ),
        .testTarget(
            name: "ProvidersTests",
            dependencies: [
                "Threads", "Pipeline", "Providers", "Sandbox", "TestSupport", "Watch", lifecycle, logging, nio,
                nioSSL, system,
            ]
        ),
        .testTarget(
            name: "FleetTests",
            dependencies: ["Fleet", "Ledger", "Pipeline", "TestSupport", "Threads", "Watch", logging, system]
        ),
        .testTarget(
            name: "SandboxTests",
            dependencies: ["Threads", "Sandbox", asyncHTTPClient, crypto, logging, nio, nioHTTP1]
        ),
        .testTarget(
            name: "ControlTests",
            dependencies: ["Control", "Pipeline", "TestSupport", "Threads", "Watch", logging, metrics, system]
        ),
        .testTarget(
            name: "OuttrayTests",
            dependencies: [
                "CLinux", "Control", "Threads", "Pipeline", "Providers", "TestSupport", "Watch", "outtray", lifecycle,
                logging, system, yams,
            ]
        ),
        .testTarget(
            name: "EndToEnd",
            dependencies: [
                "CLinux", "Ledger", "Threads", "Pipeline", "Sandbox", "TestSupport", crypto, logging, subprocess,
                system,
            ]
        ),
    ]
)

for target in package.targets where !["CLinux", "CPage", "CPostgres", "CRelease"].contains(target.name) {
    target.swiftSettings = settings
}
