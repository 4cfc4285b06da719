// swift-tools-version: 6.2

import PackageDescription

/// What every Swift target of podfs is compiled with.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "podfs",
  products: [
    .executable(name: "podfs", targets: ["podfs"]),
    .library(name: "podfs-bridge", type: .dynamic, targets: ["PodBridge"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .systemLibrary(name: "CFuse", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),

    .target(name: "PodModel", swiftSettings: strict),
    .target(name: "PodPickle", dependencies: ["PodModel"], swiftSettings: strict),
    .target(
      name: "PodStore",
      dependencies: [
        "PodModel", "PodPickle", "CSQLite", "CDeflate", "CZlib", "CCrypto", "CXXHash", "CLinux",
      ],
      swiftSettings: strict),
    .target(name: "PodPlan", dependencies: ["PodModel"], swiftSettings: strict),
    .target(
      name: "PodText", dependencies: ["PodModel", "PodPickle"], swiftSettings: strict),
    .target(
      name: "PodFilesystem",
      dependencies: ["PodModel", "PodPickle", "PodStore", "PodText", "CLinux"],
      swiftSettings: strict),
    .target(
      name: "PodFUSE", dependencies: ["PodModel", "PodFilesystem", "CFuse"],
      swiftSettings: strict),
    .target(
      name: "PodBridge", dependencies: ["PodModel", "PodPickle", "PodPlan", "PodStore"],
      swiftSettings: strict),
    .executableTarget(
      name: "podfs",
      dependencies: [
        "PodModel", "PodPickle", "PodPlan", "PodStore", "PodText", "PodFilesystem", "PodFUSE",
        "CLinux", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .target(
      name: "PodTesting", dependencies: ["PodModel", "PodPickle", "PodText"],
      path: "Tests/PodTesting", swiftSettings: strict),
    .executableTarget(
      name: "PickleProbe", dependencies: ["PodModel", "PodPickle", "PodTesting"],
      path: "Tests/PickleProbe", swiftSettings: strict),
    .executableTarget(
      name: "PickleSpeed", dependencies: ["PodModel", "PodPickle", "PodStore", "CCrypto"],
      path: "Tests/PickleSpeed", swiftSettings: strict),
    .executableTarget(
      name: "StoreSpeed", dependencies: ["PodModel", "PodPickle", "PodStore"],
      path: "Tests/StoreSpeed", swiftSettings: strict),
    .executableTarget(
      name: "PickleFuzz", dependencies: ["PodModel", "PodPickle", "PodTesting", "PodText"],
      path: "Tests/PickleFuzz", swiftSettings: strict),
    .target(name: "CFaults", path: "Tests/CFaults"),
    .executableTarget(
      name: "StoreFaults",
      dependencies: ["PodModel", "PodPickle", "PodStore", "PodTesting", "CFaults"],
      path: "Tests/StoreFaults", swiftSettings: strict),
    .testTarget(
      name: "PodPickleTests", dependencies: ["PodModel", "PodPickle", "PodTesting"],
      swiftSettings: strict),
    .testTarget(
      name: "PodTextTests", dependencies: ["PodModel", "PodPickle", "PodTesting", "PodText"],
      exclude: ["Golden", "Pairs"], swiftSettings: strict),
    .testTarget(name: "PodModelTests", dependencies: ["PodModel"], swiftSettings: strict),
    .testTarget(
      name: "PodPlanTests", dependencies: ["PodModel", "PodPlan"], swiftSettings: strict),
    .testTarget(
      name: "PodStoreTests",
      dependencies: ["PodModel", "PodPickle", "PodStore", "PodTesting", "CCrypto"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "PodfsTests", dependencies: ["PodModel", "PodFilesystem", "PodFUSE", "podfs"],
      swiftSettings: strict),
    .testTarget(
      name: "PodFilesystemTests",
      dependencies: ["PodModel", "PodPickle", "PodStore", "PodText", "PodFilesystem"],
      swiftSettings: strict),
    .testTarget(
      name: "PodFUSETests",
      dependencies: ["PodModel", "PodStore", "PodFilesystem", "PodFUSE", "CFuse"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
