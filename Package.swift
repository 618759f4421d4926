// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors in our targets only; a dependency's warnings are its own affair.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "poise",
    products: [
        .executable(name: "poise-agent", targets: ["Agent"]),
        .executable(name: "poise-master", targets: ["Master"]),
        .executable(name: "poise", targets: ["Control"]),
    ],
    dependencies: [
        // Exact, so that a clone of next year builds what this one was tested with.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
        // Without its default traits Hummingbird does not pull in Foundation and ICU.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // The C libraries that Debian ships, and the smallest shims over what Swift cannot import.
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CNetlink", pkgConfig: "libnl-genl-3.0", providers: [.apt(["libnl-genl-3-dev"])]),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CLinux"),
        .systemLibrary(name: "CPrefetch"),

        // The pure core.
        .target(
            name: "Protocol", dependencies: ["CPrefetch", "CSodium"], exclude: ["PROTOCOL.md"],
            swiftSettings: strict),
        .target(
            name: "Weighting",
            dependencies: [
                "Protocol", .product(name: "RealModule", package: "swift-numerics"),
            ], swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "Protocol", "Weighting", .product(name: "RealModule", package: "swift-numerics"),
            ], swiftSettings: strict),

        // The edges.
        .target(name: "Daemon", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "IPVS", dependencies: ["Weighting", "CNetlink"], swiftSettings: strict),
        .target(
            name: "Journal", dependencies: ["CLinux", "Daemon", "Protocol", "Weighting"],
            swiftSettings: strict),
        .target(
            name: "Checks", dependencies: ["CLinux", "COpenSSL", "Daemon", "Weighting"],
            swiftSettings: strict),
        .target(
            name: "Settings", dependencies: ["Daemon", "Weighting", "Yams"], swiftSettings: strict),

        // The programs.
        .executableTarget(
            name: "Agent", dependencies: ["Daemon", "Protocol", "CLinux"], swiftSettings: strict),
        .executableTarget(
            name: "Master",
            dependencies: [
                "CLinux", "CSystemd", "Checks", "Daemon", "IPVS", "Journal", "Protocol",
                "Settings", "Weighting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "Control",
            dependencies: [
                "IPVS", "Journal", "Protocol", "Settings", "Simulation", "Weighting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),

        // What script/bench puts on a master.
        .target(name: "CountedMemory", path: "Benchmarks/CountedMemory"),
        .executableTarget(
            name: "Load",
            dependencies: ["CLinux", "CountedMemory", "Daemon", "IPVS", "Protocol", "Weighting"],
            path: "Benchmarks/Load", swiftSettings: strict),

        .testTarget(
            name: "ProtocolTests", dependencies: ["Protocol"], exclude: ["Vectors"],
            swiftSettings: strict),
        .testTarget(name: "WeightingTests", dependencies: ["Weighting"], swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "Weighting"],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests", dependencies: ["CLinux", "Daemon"], swiftSettings: strict),
        .testTarget(
            name: "ChecksTests", dependencies: ["CLinux", "Checks", "Daemon", "Weighting"],
            swiftSettings: strict),
        .testTarget(
            name: "IPVSTests", dependencies: ["CNetlink", "IPVS", "Weighting"],
            swiftSettings: strict),
        .testTarget(
            name: "AgentTests", dependencies: ["Agent", "CLinux", "Daemon", "Protocol"],
            exclude: ["Broken", "Once.json", "Once.txt"], swiftSettings: strict),
        .testTarget(
            name: "MasterTests",
            dependencies: [
                "CLinux", "Checks", "Daemon", "IPVS", "Journal", "Master", "Protocol", "Settings",
                "Weighting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["API/Golden", "Broken", "Good"], swiftSettings: strict),
        .testTarget(
            name: "JournalTests", dependencies: ["Journal", "Protocol", "Weighting"],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "SettingsTests", dependencies: ["Settings", "Weighting"], swiftSettings: strict),
        .testTarget(
            name: "ControlTests",
            dependencies: ["Control", "IPVS", "Journal", "Settings", "Simulation", "Weighting"],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(name: "TidyTests", dependencies: ["Weighting"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// script/build-agent sets this: the agent needs none of the dependencies, and fetches none.
if Context.environment["POISE_AGENT_ONLY"] != nil {
    let parts = ["CSodium", "CLinux", "CPrefetch", "Protocol", "Daemon", "Agent"]
    package.dependencies = []
    package.products.removeAll { $0.name != "poise-agent" }
    package.targets.removeAll { !parts.contains($0.name) }
}
