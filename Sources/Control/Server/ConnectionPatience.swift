import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOSSL

/// Ends a connection whose client holds it up, and answers one that does not speak HTTP.
///
/// - A request has to arrive in time (``ServerLimits/patience``). A file may take longer, but not rest for so long. A
///   client that does not take its answer is dropped after the same time.
/// - An answer before the end of its request ends the connection: nobody reads the rest.
/// - When the service ends, the connection ends after ``ServerLimits/farewell``. Hummingbird waits for each request
///   under way, without a limit.
///
/// One a connection, used on its event loop alone.
final class ConnectionPatience: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ServerLimits
    /// Whether a request of this method and target brings a file. Of strangers, no body of such a request is read.
    private let bringsFile: (_ method: String, _ target: String) -> Bool
    /// Runs while the server waits for the client's next bytes of a request.
    private var arrival: Scheduled<Void>?
    /// Runs while the client takes no bytes.
    private var taking: Scheduled<Void>?
    /// Whether the head of a request is here and its end is not.
    private var isArriving = false
    /// Whether that request brings a file.
    private var isFile = false
    /// Whole requests without a whole answer.
    private var unanswered = 0

    init(_ limits: ServerLimits, bringsFile: @escaping (_ method: String, _ target: String) -> Bool) {
        self.limits = limits
        self.bringsFile = bringsFile
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { awaitRequest(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        arrival?.cancel()
        taking?.cancel()
    }

    func channelActive(context: ChannelHandlerContext) {
        awaitRequest(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isArriving = true
            isFile = bringsFile(head.method.rawValue, head.path ?? "")
            if unanswered == 0 { awaitRequest(context) }
        case .body: if isFile { awaitRequest(context) }
        case .end:
            isArriving = false
            unanswered += 1
            arrival?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        if unanswered > 0 { unanswered -= 1 }
        if unanswered == 0, isArriving {
            context.writeAndFlush(data, promise: promise)
            return context.close(promise: nil)
        }
        if unanswered == 0 { awaitRequest(context) }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        taking?.cancel()
        taking = context.channel.isWritable ? nil : end(context, after: limits.patience)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { _ = end(context, after: limits.farewell) }
        context.fireUserInboundEventTriggered(event)
    }

    /// Answers what is no request. Hummingbird would send status 400 without a body.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An answer under way is not to be torn, and a failed handshake leaves nothing to answer through.
        guard unanswered == 0, !(error is IOError), !(error is NIOSSLError), !(error is BoringSSLError) else {
            return context.fireErrorCaught(error)
        }
        let answer = Self.refusal(of: error).answer
        let head = HTTPResponsePart.head(answer.head(closing: true))
        context.write(wrapOutboundOut(head), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: answer.bytes))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private static func refusal(of error: any Error) -> ControlError {
        if case .headerOverflow? = error as? HTTPParserError {
            return ControlError(
                .headersTooLarge,
                "the header fields, or the URL, are too long",
                hint: "send fewer and shorter ones"
            )
        }
        return ControlError(.malformed, "this is no request of HTTP/1.1: \(error)", hint: "use an HTTP client")
    }

    private func awaitRequest(_ context: ChannelHandlerContext) {
        arrival?.cancel()
        arrival = end(context, after: limits.patience)
    }

    private func end(_ context: ChannelHandlerContext, after time: Duration) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { context.close(promise: nil) }
    }
}
