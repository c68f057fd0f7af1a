using Scanner.Aws;
using Scanner.Model;

namespace Aws.Tests;

public sealed class ErrorClassificationTests
{
    [Theory]
    [InlineData("AccessDeniedException", 400, CollectionOutcome.Denied)]
    [InlineData("AccessDenied", 403, CollectionOutcome.Denied)]
    [InlineData("UnauthorizedOperation", 403, CollectionOutcome.Denied)]
    [InlineData("Client.UnauthorizedOperation", 403, CollectionOutcome.Denied)]
    [InlineData("com.amazonaws.kms#AccessDeniedException", 400, CollectionOutcome.Denied)]
    [InlineData("ExpiredTokenException:http://internal.amazon.com/x", 403, CollectionOutcome.Denied)]
    [InlineData("SomethingNewAccessDenied", 400, CollectionOutcome.Denied)]
    [InlineData("", 403, CollectionOutcome.Denied)]
    [InlineData("Throttling", 400, CollectionOutcome.Throttled)]
    [InlineData("SlowDown", 503, CollectionOutcome.Throttled)]
    [InlineData("RequestLimitExceeded", 503, CollectionOutcome.Throttled)]
    [InlineData("BrandNewThrottledException", 400, CollectionOutcome.Throttled)]
    [InlineData(null, 429, CollectionOutcome.Throttled)]
    [InlineData("EndpointNotFound", 0, CollectionOutcome.NotOffered)]
    [InlineData("UnknownEndpoint", 0, CollectionOutcome.NotOffered)]
    [InlineData("OptInRequired", 403, CollectionOutcome.Disabled)]
    [InlineData("SubscriptionRequiredException", 400, CollectionOutcome.Disabled)]
    [InlineData("NotSignedUp", 403, CollectionOutcome.Disabled)]
    [InlineData("InternalFailure", 500, CollectionOutcome.Error)]
    [InlineData("ValidationException", 400, CollectionOutcome.Error)]
    [InlineData(null, 0, CollectionOutcome.Error)]
    public void An_error_code_has_one_outcome(string? code, int status, CollectionOutcome expected) =>
        Assert.Equal(expected, ErrorClassification.Outcome(code, status, "because"));

    [Fact]
    public void A_service_control_policy_is_a_refusal_whatever_the_code() =>
        Assert.Equal(
            CollectionOutcome.Denied,
            ErrorClassification.Outcome("ValidationException", 400, "User: arn:x is not authorized to perform: a:B with an explicit deny in a service control policy"));
}
