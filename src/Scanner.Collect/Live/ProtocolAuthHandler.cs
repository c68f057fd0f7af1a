using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Scanner.Collect.Live;

/// <summary>Everything is signed with SigV4, except the one operation that opens a session with a web identity.</summary>
internal sealed class ProtocolAuthHandler : BaseAuthResolverHandler
{
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) =>
        ((ProtocolRequest)executionContext.RequestContext.OriginalRequest).Operation.Unsigned
            ? AuthSchemeOption.DEFAULT_NOAUTH
            : AuthSchemeOption.DEFAULT_SIGV4;
}
