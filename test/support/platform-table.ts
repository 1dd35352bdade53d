import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The keys and indexes of the State stack; test/infrastructure holds the stack to the same names. */
export async function createPlatformTable(dynamodb: DynamoDBClient, name: string): Promise<void> {
  const attributes = ['pk', 'sk', 'list', 'listSort', 'pendingShard', 'pendingSince'];
  const key = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const projection = (ProjectionType: 'ALL' | 'KEYS_ONLY') => ({ ProjectionType });
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: key('pk', 'sk'),
      GlobalSecondaryIndexes: [
        { IndexName: 'lists', KeySchema: key('list', 'listSort'), Projection: projection('ALL') },
        {
          IndexName: 'pending',
          KeySchema: key('pendingShard', 'pendingSince'),
          Projection: projection('KEYS_ONLY'),
        },
      ],
    }),
  );
}
