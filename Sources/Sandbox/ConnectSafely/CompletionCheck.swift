/// The rules of `POST /posts/upload/complete`, as a pure value.
struct CompletionCheck: Sendable {
    /// Why a completion was refused.
    struct Refusal: Error, Sendable, Equatable {
        let code: String
        let message: String
    }

    let asset: StoredAsset

    /// Passes if every part is stored, and the body echoes the metadata and each part's true answer. The answers must
    /// be in the order of the listed parts.
    func check(_ body: JSONValue) throws(Refusal) {
        guard !asset.parts.isEmpty else {
            throw Refusal(code: "NOT_MULTIPART", message: "This upload was not asked for in parts")
        }
        guard (body["multipartMetadata"] ?? .null) == asset.metadata else {
            throw Refusal(code: "INVALID_METADATA", message: "multipartMetadata is not what init gave")
        }
        guard let responses = body["partUploadResponses"]?.array, responses.count == asset.parts.count else {
            let message = "partUploadResponses must have \(asset.parts.count) elements, one for each part in order"
            throw Refusal(code: "MISSING_PARTS", message: message)
        }
        for (response, index) in zip(responses, asset.listedParts) {
            guard let answer = asset.parts[index].answer else {
                throw Refusal(code: "MISSING_PARTS", message: "Part \(index + 1) was never uploaded")
            }
            try check(response, against: answer, part: index + 1)
        }
    }

    private func check(
        _ response: JSONValue,
        against answer: StoredAsset.PartAnswer,
        part: Int
    ) throws(Refusal) {
        guard response["httpStatusCode"]?.integer == Int64(answer.status) else {
            throw Refusal(code: "INVALID_PART", message: "httpStatusCode of part \(part) is not what its PUT answered")
        }
        guard case .object(let headers)? = response["headers"] else {
            throw Refusal(code: "INVALID_PART", message: "headers of part \(part) must be an object")
        }
        if let name = headers.keys.sorted().first(where: { $0 != $0.lowercased() }) {
            throw Refusal(code: "INVALID_PART", message: "header \(name) of part \(part) must be in lower case")
        }
        guard headers[answer.header]?.string == answer.value else {
            let message = "header \(answer.header) of part \(part) is not what its PUT answered"
            throw Refusal(code: "INVALID_PART", message: message)
        }
    }
}
