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

let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "outtray",
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // In flow order; imports point one way, and CI checks that none is used without being declared here.
        .target(name: "CLinux"),
        .target(name: "Watch", dependencies: ["CLinux", collections, lifecycle, logging, system]),
        .testTarget(name: "WatchTests", dependencies: ["Watch", lifecycle, logging, system]),
    ]
)

for target in package.targets where target.name != "CLinux" {
    target.swiftSettings = settings
}
