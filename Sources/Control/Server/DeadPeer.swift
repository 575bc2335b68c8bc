import Glibc
import NIOCore

/// Lets the kernel end a TCP connection whose other end is gone without a word, as after a power cut.
///
/// Without it, such a follower of the manifest would keep its place for as long as nothing is sent. A dead end is found
/// after two minutes: after a minute's rest, the kernel asks four times. Bytes that nobody acknowledges end the
/// connection after as long.
final class DeadPeer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    /// Seconds without a word before the kernel asks; seconds between questions; questions (tcp(7)).
    private static let (rest, pause, questions) = (CInt(60), CInt(15), CInt(4))

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        ask(context)
        context.fireChannelActive()
    }

    /// A channel that is not active yet has no address.
    private func ask(_ context: ChannelHandlerContext) {
        let address = context.channel.localAddress
        guard address?.protocol == .inet || address?.protocol == .inet6 else { return }
        let options: [(NIOBSDSocket.OptionLevel, CInt, CInt)] = [
            (.socket, SO_KEEPALIVE, 1), (.tcp, TCP_KEEPIDLE, Self.rest), (.tcp, TCP_KEEPINTVL, Self.pause),
            (.tcp, TCP_KEEPCNT, Self.questions),
            (.tcp, TCP_USER_TIMEOUT, (Self.rest + Self.pause * Self.questions) * 1000),
        ]
        for (level, name, value) in options {
            // At best effort: a connection without them ends too, only later.
            let option = ChannelOptions.Types.SocketOption(level: level, name: NIOBSDSocket.Option(rawValue: name))
            context.channel.setOption(option, value: SocketOptionValue(value)).whenFailure { _ in }
        }
    }
}
