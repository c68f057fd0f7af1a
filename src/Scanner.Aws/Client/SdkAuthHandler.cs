using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Scanner.Aws.Client;

/// <summary>Everything is signed with SigV4, except the one operation that opens a session with a web identity.</summary>
internal sealed class SdkAuthHandler : BaseAuthResolverHandler
{
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) =>
        ((SdkRequest)executionContext.RequestContext.OriginalRequest).Operation.Unsigned
            ? AuthSchemeOption.DEFAULT_NOAUTH
            : AuthSchemeOption.DEFAULT_SIGV4;
}
