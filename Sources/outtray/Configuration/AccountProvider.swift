import Pipeline
import Providers

/// `provider:` of an account.
enum AccountProvider: Hashable, Sendable {
    case known(ProviderKind)
    /// Postbreeze's contract with `outtray sandbox` on this machine.
    case sandbox

    /// The contract that the provider speaks.
    var kind: ProviderKind {
        switch self {
        case .known(let kind): kind
        case .sandbox: .postbreeze
        }
    }

    var traits: ProviderTraits {
        let spoken = kind.traits
        guard self == .sandbox else { return spoken }
        return ProviderTraits(
            name: rawValue,
            baseURL: "http://localhost:4100/api/v1",
            acceptedTypes: spoken.acceptedTypes,
            limits: spoken.limits,
            published: spoken.published,
            rate: spoken.rate,
            writeRate: spoken.writeRate,
            longestLibrary: spoken.longestLibrary
        )
    }
}

extension AccountProvider: RawRepresentable, CaseIterable {
    static let allCases = ProviderKind.allCases.map(Self.known) + [.sandbox]

    /// The name in the configuration and the manifest.
    var rawValue: String {
        switch self {
        case .known(let kind): kind.rawValue
        case .sandbox: "sandbox"
        }
    }

    init?(rawValue: String) {
        guard let named = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = named
    }
}
